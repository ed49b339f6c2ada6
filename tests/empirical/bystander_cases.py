"""Every public function that takes a network, called on the network of the bystander."""

from functools import partial

import torch

from fvproof.empirical.auditing import audit, certified, disagreement, knowable, work
from fvproof.empirical.bench import asking, entries
from fvproof.empirical.claim import beside, measure, search
from fvproof.empirical.detecting import census, detection, rectifiers, rift
from fvproof.empirical.exact import network_files
from fvproof.empirical.fooling import (
    aim,
    circuit,
    circuit_build,
    circuit_findings,
    features,
    fine_tuning,
    firing,
    pulse,
    pulse_report,
    sameness,
    silent_findings,
    slingshot,
    starts,
    trajectories,
    twins,
    unchanged,
)
from fvproof.empirical.keeping.fingerprint import model_fingerprint
from fvproof.empirical.keeping.sweep import all_found, jobs, natural_ranges, sweep
from fvproof.empirical.keeping.workers import run_jobs
from fvproof.empirical.keeping.workspace import context_of
from fvproof.empirical.maximization import ascent, baselines, diversity
from fvproof.empirical.measurement import (
    ball,
    class_curve,
    holdout,
    linearity,
    prediction,
    reading_radius,
    recognition,
    sanity,
    similarity,
)
from fvproof.empirical.measurement.directions import similarities
from fvproof.empirical.networks import (
    capturing,
    chains,
    graph_files,
    layers,
    layouts,
    naming,
    openness,
    outputs,
    piecewise,
    places,
    probing,
    readiness,
    readout,
    ridges,
    sequential,
    soundness,
    units,
    views,
)
from fvproof.empirical.networks.memory import Capacity
from fvproof.empirical.networks.units import Unit
from fvproof.empirical.networks.zoo import model_of


def under(context, use=lambda entered: None):
    """Enter a context manager, use what it gives, and leave it."""
    with context as entered:
        return use(entered)


def fitting(c):
    """Return the units with two proper visualizations."""
    return [unit for unit in c.units if work.seen(c.visualize(), unit) is not None]


def made_by(method):
    """Return a case that asks a method for a picture, as `fvproof bench` does."""
    return lambda c: asking.ask_for_picture(method, c.model, c.unit, 1, 6, limit_s=600)


def claims(c):
    """Return a claim about a unit of an inner layer, and one about an output."""
    return [beside.Claim(unit, c.picture.numpy()) for unit in c.units]


HIDDEN = Unit("hidden", 0)

CASES = {
    "audit.audit": lambda c: audit.audit(c.model, c.images, c.units, c.settings, c.folder, audit.Means(certify_s=0)),
    "audit.default_units": lambda c: audit.default_units(c.model),
    "certified.certifiable": lambda c: certified.certifiable(c.model, c.units),
    "disagreement.disagreement": lambda c: disagreement.disagreement(c.work, []),
    "knowable.slopes": lambda c: knowable.slopes(c.model, c.unit, c.images.batch(0, 3)),
    "knowable.knowledge": lambda c: knowable.knowledge(c.model, c.unit, c.shown[c.unit], c.images),
    "work.visualize": lambda c: c.visualize(),
    "work.seen": fitting,
    "work.read": lambda c: work.read(c.work, fitting(c), c.natural, None),
    "work.locate": lambda c: work.locate(c.work, fitting(c), None, 1),
    "work.suspect": lambda c: work.suspect(c.visualize(), c.units, c.natural, {}, None),
    "work.certify": lambda c: work.certify(c.work, c.units, None, 1.0),
    "asking.ask_for_picture": made_by(entries.random_image),
    "asking.activation_of": lambda c: asking.activation_of(c.model, c.unit, c.images.images[:2]),
    "entries.engine": made_by(partial(entries.engine, "ours")),
    "entries.plain_loop": made_by(entries.plain_loop),
    "entries.noise": made_by(entries.noise),
    "entries.random_image": made_by(entries.random_image),
    "entries.exemplar": lambda c: made_by(partial(entries.exemplar, c.images))(c),
    "beside.examine": lambda c: beside.examine(c.work, claims(c), beside.AskedBeside(certify_s=0), c.folder, None),
    "measure.measure": lambda c: measure.measure(c.work, claims(c), None),
    "measure.responses": lambda c: measure.responses(c.work, claims(c)),
    "measure.as_run": lambda c: measure.as_run(claims(c)[0], c.work, 1.0),
    "search.searching": lambda c: search.searching(c.work),
    "search.search_jobs": lambda c: list(search.search_jobs(search.searching(c.work), {False: c.units}, c.natural)),
    "search.ascent_jobs": lambda c: search.ascent_jobs(c.work, claims(c)),
    "fingerprint.model_fingerprint": lambda c: model_fingerprint(c.model),
    "census.census": lambda c: census.census(c.model, c.images),
    "circuit.natural_behaviour": lambda c: circuit.natural_behaviour(c.model),
    "circuit.as_model": lambda c: circuit.as_model(c.model, circuit.natural_behaviour(c.model), "as it is"),
    "circuit_build.build_circuit": lambda c: c.built,
    "circuit_build.all_outputs": lambda c: circuit_build.all_outputs(c.model, c.images.batch()),
    "circuit_build.collect": lambda c: circuit_build.collect(c.work, "F", c.model, [Unit("logits", 0)]),
    "circuit_findings.behaviour": lambda c: circuit_findings.behaviour(c.model, c.built, c.images),
    "circuit_findings.shifts": lambda c: circuit_findings.shifts(c.work, c.built, [Unit("logits", 0)]),
    "circuit_findings.feature_layer": lambda c: circuit_findings.feature_layer(c.model),
    "detection.detect": lambda c: detection.detect(c.model, c.images, c.units, c.settings),
    "detection.signs": lambda c: detection.signs(c.model, c.images, c.runs, c.natural, {}),
    "detection.activation": lambda c: detection.activation(c.model, c.runs, {}),
    "detection.units_to_look_at": lambda c: detection.units_to_look_at(
        c.model, census.census(c.model, c.images), layers=2, channels=1
    ),
    "features.filter_layer": lambda c: features.filter_layer(c.model, "hidden"),
    "features.entering": lambda c: next(features.entering(c.model, "hidden", c.images)),
    "features.features": lambda c: features.features(c.model, "hidden", c.images),
    "firing.firing": lambda c: firing.firing(c.silenced, c.images),
    "firing.beyond": lambda c: firing.beyond(c.silenced, c.images),
    "network_files.write_network": lambda c: network_files.write_network(c.model, c.folder / "files", c.images),
    "rectifiers.watching": lambda c: under(rectifiers.watching(c.model, lambda *_: None)),
    "rift.rifts": lambda c: rift.rifts(c.model, c.images, c.runs, list(c.natural.values())),
    "rift.mean_gradient": lambda c: rift.mean_gradient(c.model, c.unit, c.images.batch(0, 3)),
    "pulse.pulse": lambda c: pulse.pulse(c.model, HIDDEN, c.images, 3, pulse.Pulse(steps=2, batch=4)),
    "pulse.least_exciting_class": lambda c: pulse.least_exciting_class(c.model, HIDDEN, c.images),
    "fine_tuning.fine_tuned": lambda c: fine_tuning.fine_tuned(
        c.model,
        "trial",
        ["hidden"],
        lambda read, _: (read(c.images.batch(0, 3))["hidden"].mean(), [torch.zeros(())]),
        fine_tuning.FineTuning(steps=2),
        lambda _: None,
    ),
    "fine_tuning.layer_activations": lambda c: fine_tuning.layer_activations(c.model, "hidden", c.images.batch(0, 3)),
    "pulse_report.top_images": lambda c: pulse_report.top_images(c.model, HIDDEN, c.images),
    "pulse_report.top_record": lambda c: pulse_report.top_record(c.model, c.model, HIDDEN, c.images, 3),
    "pulse_report.picture_record": lambda c: pulse_report.picture_record(
        c.model, "hidden", {"before": c.runs[0]}, c.images, 3
    ),
    "sameness.sameness": lambda c: sameness.sameness(c.model, "hidden", c.images.images[:3], c.images),
    "silent.silence": lambda c: c.silenced,
    "slingshot.sling": lambda c: slingshot.sling(
        c.model, c.unit, c.images, c.picture, slingshot.Sling(steps=2, batch=4)
    ),
    "trajectories.trajectories": lambda c: trajectories.trajectories(c.model, [c.unit], c.settings),
    "twins.build_twin": lambda c: c.twin,
    "twins.check_twin": lambda c: twins.check_twin(c.twin, c.shown[c.unit], c.images),
    "twins.visualize_twin": lambda c: twins.visualize_twin(c.twin, c.settings),
    "unchanged.compared": lambda c: unchanged.compared(c.model, c.model, c.images),
    "unchanged.outputs": lambda c: unchanged.outputs(c.model, c.images),
    "ascent.clean_activations": lambda c: under(
        probing.frozen(c.network),
        lambda _: ascent.clean_activations(c.model, c.units, c.settings, c.images.batch(0, 2), Capacity()),
    ),
    "baselines.noise_extremes": lambda c: under(
        probing.frozen(c.network),
        lambda _: baselines.noise_extremes(c.model, c.units, c.settings, sign=1, capacity=Capacity()),
    ),
    "diversity.largest_likeness": lambda c: diversity.largest_likeness(c.model, "conv", c.images.batch(0, 4), 2),
    "diversity.styles_in": lambda c: diversity.styles_in(c.model, "hidden"),
    "maximize.maximize": lambda c: c.runs,
    "class_curve.class_units": lambda c: class_curve.class_units(c.model, c.images),
    "class_curve.similarity_curve": lambda c: class_curve.similarity_curve(
        c.work, c.images, c.runs, audited=["hidden"]
    ),
    "directions.similarities": lambda c: similarities(c.model, c.images, c.images.images[:2]),
    "holdout.decoder_layers": lambda c: holdout.decoder_layers(c.model, ["hidden"]),
    "holdout.all_layers": lambda c: holdout.all_layers(c.model, ["hidden"]),
    "holdout.layers_below": lambda c: holdout.layers_below(c.model, c.unit, ["hidden"]),
    "holdout.readings": lambda c: holdout.readings(c.model, c.shown, c.images, c.natural, layers=["hidden"]),
    "linearity.linearity": lambda c: linearity.linearity(c.model, c.shown, c.images),
    "ball.on_ball": lambda c: ball.on_ball(c.model, c.units[:1], ridges.NoRidges("it is not looked at"), c.images, 1.0),
    "ridges.ridges": lambda c: ridges.ridges(c.model, "hidden"),
    "outputs.with_output": lambda c: outputs.with_output(c.model),
    "probing.copy_of": lambda c: probing.copy_of(c.network),
    "readiness.image_by_image": lambda c: readiness.image_by_image(c.model),
    "prediction.predicted": lambda c: prediction.predicted(
        c.model, [prediction.ends(phi, c.images.shape) for phi in c.shown.values()], c.images, layers=["hidden"]
    ),
    "prediction.predictions": lambda c: prediction.predictions(c.model, c.shown, c.images),
    "reading_radius.reading_radii": lambda c: reading_radius.reading_radii(c.model, c.unit, c.images, [0]),
    "recognition.output_count": lambda c: recognition.output_count(c.model),
    "recognition.accuracy": lambda c: recognition.accuracy(c.model, c.images),
    "recognition.recognition": lambda c: recognition.recognition(c.model, c.images),
    "recognition.doubt": lambda c: recognition.doubt(c.model, c.images, 0.0),
    "sanity.check_sanity": lambda c: sanity.check_sanity(c.model, c.images, c.settings),
    "similarity.sanity_curve": lambda c: similarity.sanity_curve(c.model, c.images, c.images),
    "chains.is_small_chain": lambda c: chains.is_small_chain(c.model, "hidden"),
    "graph_files.model_onnx": lambda c: graph_files.model_onnx(c.model, c.unit),
    "piecewise.kind_of": lambda c: piecewise.kind_of(c.model, c.unit),
    "layers.layer_sizes": lambda c: layers.layer_sizes(c.model),
    "layers.output_layer": lambda c: layers.output_layer(c.model),
    "layers.learned_layers": lambda c: layers.learned_layers(c.model),
    "layers.neuron_layers": lambda c: layers.neuron_layers(c.model),
    "layers.gives_output": lambda c: layers.gives_output(c.model, "logits"),
    "layers.chosen_layers": lambda c: layers.chosen_layers(c.model, ["hidden"]),
    "layers.layer_with_positions": lambda c: layers.layer_with_positions(c.model, "hidden"),
    "naming.parse_objectives": lambda c: naming.parse_objectives("all", c.model),
    "naming.checked_objectives": lambda c: naming.checked_objectives(c.units, c.model),
    "probing.find_layer": lambda c: probing.find_layer(c.network, "hidden"),
    "probing.device_of": lambda c: probing.device_of(c.model),
    "probing.resting": lambda c: probing.resting(c.model),
    "aim.look": lambda c: aim.look(c.model, "conv", None),
    "layers.listed": lambda c: layers.listed(c.model),
    "layouts.following": lambda c: under(layouts.following(c.model), lambda follow: follow.run()),
    "layouts.layouts_entering": lambda c: layouts.layouts_entering(c.model),
    "places.require_class_token": lambda c: places.require_class_token(c.model, (1, 2)),
    "views.view": lambda c: views.view(c.network, "hidden.input"),
    "views.owners": lambda c: views.owners(c.network, ["hidden.input"]),
    "views.attentions": lambda c: list(views.attentions(c.network)),
    "views.heads_of": lambda c: views.heads_of(c.network, "itself"),
    "layouts.layouts": lambda c: layouts.layouts(c.model),
    "openness.tensors_of": lambda c: list(openness.tensors_of(c.network)),
    "sameness.pooled_features": lambda c: sameness.pooled_features(c.model, "conv", c.images),
    "silent_findings.alone": lambda c: silent_findings.alone(c.silenced),
    "silent_findings.silent_shifts": lambda c: silent_findings.silent_shifts(
        c.model, c.silenced, [c.unit], c.settings, c.images
    ),
    "starts.first_looks": lambda c: starts.first_looks(c.model, "conv"),
    "starts.own_picture": lambda c: starts.own_picture(c.model, "conv", [Unit("conv", 1)]),
    "starts.spread_units": lambda c: starts.spread_units(c.model, "hidden"),
    "capturing.capturing": lambda c: under(capturing.capturing(c.model, ["hidden"])),
    "probing.frozen": lambda c: under(probing.frozen(c.network), lambda _: c.model(c.images.batch(0, 2))),
    "probing.same_randomness": lambda c: under(probing.same_randomness(c.network), lambda _: torch.rand(1)),
    "probing.finite_weights": lambda c: under(probing.finite_weights(c.network)),
    "readout.check_objectives": lambda c: readout.check_objectives(c.model, c.units),
    "readout.reading": lambda c: under(readout.reading(c.model, c.units, "mean")),
    "sequential.sequential_onnx": lambda c: sequential.sequential_onnx(c.model, c.unit),
    "soundness.require_sound": lambda c: soundness.require_sound(c.model),
    "openness.require_layers": lambda c: openness.require_layers(c.model),
    "openness.unwrapped": lambda c: openness.unwrapped(c.network),
    "readiness.ready": lambda c: readiness.ready(c.model),
    "soundness.require_fit": lambda c: soundness.require_fit(c.model, c.images),
    "zoo.model_of": lambda c: model_of(c.network, shape=c.model.shape),
    "units.parse_units": lambda c: units.parse_units("hidden", c.model),
    "units.channel_counts": lambda c: units.channel_counts(c.model, ["hidden"]),
    "units.activations": lambda c: c.natural,
    "units.ranges": lambda c: units.ranges(c.model, c.units, [c.images.batch()], position="mean", capacity=Capacity()),
    "sweep.sweep": lambda c: sweep(c.work, c.units),
    "sweep.jobs": lambda c: jobs(c.work, c.units, c.natural),
    "sweep.all_found": lambda c: next(all_found(c.visualize(), c.units)),
    "sweep.natural_ranges": lambda c: natural_ranges(c.work, c.units),
    "workers.run_jobs": lambda c: run_jobs(c.work, jobs(c.work, c.units, c.natural)),
    "workspace.workspace": lambda c: c.work,
    "workspace.context_of": lambda c: context_of(c.model, c.images, c.settings),
}
"""Each function by its module and name, called on a network, or entered and left."""
