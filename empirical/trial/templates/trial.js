// Asks the questions one by one, keeps the answers on this device, and gives them out as a file.
(() => {
  const content = JSON.parse(document.getElementById("content").textContent);
  const { trial, questions, pictures } = content, place = `fvproof-trial-${trial}`;
  const part = name => document.getElementById(name);
  const fresh = () => ({ trial, person: crypto.getRandomValues(new Uint32Array(2)).join("-"), started: new Date().toISOString(), answers: [] });

  let kept = fresh(), begun = false, since = 0;
  try { kept = JSON.parse(localStorage.getItem(place)) || kept; } catch { /* nothing can be kept here */ }
  if (kept.answers.length) begun = true;
  const keep = () => { try { localStorage.setItem(place, JSON.stringify(kept)); } catch { /* as above */ } };

  // The digest finds answers that were changed or cut off by accident; FNV-1a, 64 bits.
  const digest = text => {
    let hash = 0xcbf29ce484222325n;
    for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
    return hash.toString(16).padStart(16, "0");
  };
  const file = () => {
    const lines = kept.answers.map(one => `${one.question} ${one.choice} ${one.sure} ${one.seconds}`);
    return JSON.stringify({ ...kept, digest: digest([trial, kept.person, ...lines].join("\n")) }, null, 1);
  };

  const image = (number, words) => Object.assign(new Image(), { src: pictures[number], alt: words });
  const fill = (name, numbers, words) => {
    const box = part(name);
    box.className = numbers.length === 1 ? "one" : "";
    box.replaceChildren(...numbers.map((number, i) => image(number, `Picture ${i + 1} that excites the unit ${words}`)));
  };
  const choose = side => {
    for (const name of ["left", "right"]) part(name).setAttribute("aria-checked", String(name === side));
    document.querySelectorAll("[data-sure]").forEach(button => { button.disabled = !side; });
  };
  const chosen = () => ["left", "right"].find(name => part(name).getAttribute("aria-checked") === "true");

  const show = () => {
    const at = kept.answers.length, over = at >= questions.length;
    part("start").hidden = begun;
    part("question").hidden = !begun || over;
    part("end").hidden = !begun || !over;
    if (!begun) return;
    if (over) {
      part("answers").value = file();
      part("save").href = URL.createObjectURL(new Blob([file()], { type: "application/json" }));
      document.querySelector("#end h1").focus();
      return;
    }
    const one = questions[at];
    part("count").textContent = `Question ${at + 1} of ${questions.length}`;
    part("bar").value = at;
    fill("least", one.least, "least");
    fill("greatest", one.greatest, "most");
    for (const side of ["left", "right"]) part(side).firstElementChild.src = pictures[one[side]];
    choose(null);
    since = performance.now();
    scrollTo(0, 0);
  };
  const answer = sure => {
    const choice = chosen();
    if (!choice || part("question").hidden) return;
    const seconds = Math.round((performance.now() - since) / 100) / 10;
    kept.answers.push({ question: questions[kept.answers.length].name, choice, sure, seconds });
    keep();
    show();
  };

  part("go").addEventListener("click", () => { begun = true; keep(); show(); });
  part("again").addEventListener("click", () => { kept = fresh(); begun = false; keep(); show(); });
  for (const side of ["left", "right"]) part(side).addEventListener("click", () => choose(side));
  document.querySelectorAll("[data-sure]").forEach(button => button.addEventListener("click", () => answer(Number(button.dataset.sure))));
  addEventListener("keydown", event => {
    if (event.ctrlKey || event.altKey || event.metaKey || part("question").hidden) return;
    if (event.key === "ArrowLeft") choose("left");
    else if (event.key === "ArrowRight") choose("right");
    else if ("123".includes(event.key)) answer(Number(event.key));
    else return;
    event.preventDefault();
  });
  show();
})();
