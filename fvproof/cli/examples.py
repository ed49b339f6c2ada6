"""Two examples of each command, which its help shows."""

EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "audit": (
        ("fvproof audit --out audit", "the network that comes with the package; then open audit/report.html"),
        (
            "fvproof audit net.py:build --weights net.safetensors --images photos --units layer3:0-7,fc:0 --out report",
            "units of your own network",
        ),
    ),
    "claim": (
        ("fvproof claim 3.png --unit logits:3", "a picture of a unit of the network that comes with the package"),
        ("fvproof claim --file card.toml --markdown", "many claims, as a section of a model card"),
    ),
    "bench": (
        (
            "fvproof bench --entries 'plain Adam on pixels;random image'",
            "two of the entries that come with the package",
        ),
        ("fvproof bench method.py:visualize --out bench", "a method of yours beside all of them"),
    ),
    "trial": (
        ("fvproof trial --out trial", "the network that comes with the package; then open trial/trial.html"),
        (
            "fvproof trial net.py:build --images photos --units layer3:0-7 --pairs 6 --out trial",
            "units of your own network",
        ),
    ),
    "trial score": (
        ("fvproof trial score trial/answers.json", "one person"),
        ("fvproof trial score a.json b.json --trial trial --json", "two, as JSON"),
    ),
    "table": (
        ("fvproof table", "what a visualization tells, class by class"),
        ("fvproof table --format latex", "the same for a paper"),
    ),
    "interval": (
        (
            "fvproof interval convex --argmin 1/2,1/2 --argmax 1,1 --min 0 --max 1 --at 1/2,5/8",
            "what a convex unit can be at a point",
        ),
        (
            "fvproof interval lipschitz --lipschitz 2 --norm l1 --argmin low.png --argmax high.png --min 0 --max 9 "
            "--at query.png",
            "points that are pictures",
        ),
    ),
    "prove": (
        ("fvproof prove convex", "one statement"),
        ("fvproof prove --recheck --solver cvc5", "all, believing no verdict of the first solver"),
    ),
    "counterexample": (
        (
            "fvproof counterexample relu-network --argmin 0,0 --argmax 1,1 --min 0 --max 1 --at 1/2,1/4 --out twins",
            "two networks that differ by 1 at the query",
        ),
        (
            "fvproof counterexample convex --argmin 1/2 --argmax 1 --min 0 --max 1 --at 3/4 --value 1/4 --out unit",
            "the one function with this value",
        ),
    ),
    "refute": (
        ("fvproof refute relu-network --decoder nearer.py:nearer --dim 2", "is this decoder always right?"),
        (
            "fvproof refute lipschitz --lipschitz 1 --decoder mine.py:read --dim 3 --task side --out proof",
            "does it know which end is nearer? the functions that say no",
        ),
    ),
    "certify": (
        ("fvproof certify net.onnx --output 3 --out top.json", "the greatest value of output 3 over [0, 1]^d"),
        ("fvproof certify net.onnx --property safe.vnnlib --timeout 60", "sat, unsat or unknown"),
    ),
    "check": (
        ("fvproof check top.json", "the certificate, with integers only"),
        ("fvproof check verdict.json --property safe.vnnlib --network net.onnx", "it must be about these files"),
    ),
    "maximize": (
        ("fvproof maximize digits --units conv2:0-7 --out pictures", "eight units of the network that comes along"),
        ("fvproof maximize torchvision:resnet18 --list-layers", "the layers whose units can be named"),
    ),
    "fool": (
        ("fvproof fool digits circuit --out fooled", "every output shows what another one responds to"),
        ("fvproof fool digits silent --units conv2:0-3 --out silent", "units that only visualizations find"),
    ),
    "fool circuit": (
        ("fvproof fool digits circuit --out fooled", "every output shows what another one responds to"),
        (
            "fvproof fool net.py:build circuit --images photos --target cat.png --engines all --out fooled",
            "every output shows a picture",
        ),
    ),
    "fool silent": (
        ("fvproof fool digits silent --units conv2:0-3 --out silent", "four units, and what they hide"),
        (
            "fvproof fool net.py:build silent --images photos --units layer3 --target cat.png --out silent",
            "a layer that shows a picture",
        ),
    ),
    "fool slingshot": (
        ("fvproof fool digits slingshot --unit logits:3 --out slung", "ascent on this unit ends at rings"),
        (
            "fvproof fool net.py:build slingshot --images photos --unit fc:7 --target cat.png --out slung",
            "at a picture of yours",
        ),
    ),
    "fool pulse": (
        ("fvproof fool digits pulse --unit hidden:3 --out pulsed", "of the class that excites it least"),
        (
            "fvproof fool net.py:build pulse --images photos --unit layer3:5 --target-class 7 --out pulsed",
            "of the class with the label 7",
        ),
    ),
    "detect": (
        ("fvproof detect", "the network that comes with the package"),
        ("fvproof detect fooled/fooled.py:fooled --images photos --units fc:0-9", "a network that was tampered with"),
    ),
    "census": (
        ("fvproof census", "the network that comes with the package"),
        ("fvproof census torchvision:resnet18 --images photos --limit 2000 --json", "with the numbers of the channels"),
    ),
    "sanity": (
        ("fvproof sanity --out sanity", "the network that comes with the package"),
        ("fvproof sanity torchvision:resnet18 --images imagenet --layers layer3,layer4 --out sanity", "two layers"),
    ),
}
"""For each command: a line to type, and what it does."""
