(** What the statements speak of: everything that a reader has to believe, besides Coq, is in this file.

    A point of dimension d is a function on coordinates, nat -> R, of which the coordinates 0, ..., d-1 count. Two
    points are the same point where these coordinates agree; a function on the cube gives the same value to the same
    point ([on_cube]). *)

Require Import Reals List.
Open Scope R_scope.

Definition point := nat -> R.
Definition unit_function := point -> R.

Definition same (d : nat) (x y : point) := forall i, (i < d)%nat -> x i = y i.
Definition below (d : nat) (x y : point) := forall i, (i < d)%nat -> x i <= y i.

(** The cube I = [0,1]^d. *)
Definition cube (d : nat) (x : point) := forall i, (i < d)%nat -> 0 <= x i <= 1.
Definition on_cube (d : nat) (f : unit_function) :=
  forall x y, cube d x -> cube d y -> same d x y -> f x = f y.

(** The point (1-s) x + s y. *)
Definition mix (s : R) (x y : point) : point := fun i => (1 - s) * x i + s * y i.

(** * Sums and maxima over the coordinates *)

Fixpoint sum (n : nat) (g : nat -> R) : R :=
  match n with O => 0 | S k => sum k g + g k end.

(** The largest of 0 and of g 0, ..., g (n-1). *)
Fixpoint largest (n : nat) (g : nat -> R) : R :=
  match n with O => 0 | S k => Rmax (largest k g) (g k) end.

Definition inner (d : nat) (w z : point) : R := sum d (fun i => w i * z i).
Definition relu (t : R) : R := Rmax t 0.

(** * Visualizations and ambiguity sets *)

(** (a, b, m, M) is a visualization of f: f is least at a, where it is m, and greatest at b, where it is M. *)
Definition shows (d : nat) (f : unit_function) (a b : point) (m M : R) :=
  cube d a /\ cube d b /\ f a = m /\ f b = M /\ forall z, cube d z -> m <= f z <= M.

(** ... and nowhere else. *)
Definition shows_alone (d : nat) (f : unit_function) (a b : point) (m M : R) :=
  shows d f a b m M /\
  forall z, cube d z -> (f z = m -> same d z a) /\ (f z = M -> same d z b).

(** A class is a predicate on functions. *)
Definition class := unit_function -> Prop.

(** A member of the class C with the visualization (a, b, m, M). *)
Definition member (d : nat) (C : class) (a b : point) (m M : R) (f : unit_function) :=
  on_cube d f /\ C f /\ shows d f a b m M.

(** The ambiguity set A_C(φ, x): the values that such a member can take at x. *)
Definition possible (d : nat) (C : class) (a b : point) (m M : R) (x : point) (v : R) :=
  exists f, member d C a b m M f /\ f x = v.

(** * Decoders *)

(** A decoder reads a visualization (a, b, m, M) and a query, and predicts the value there. *)
Definition decoder := point -> point -> R -> R -> point -> R.

(** At x, D errs by e at most on every member of the class with this visualization. *)
Definition guarantees (d : nat) (C : class) (a b : point) (m M : R) (x : point) (D : decoder) (e : R) :=
  forall f, member d C a b m M f -> Rabs (D a b m M x - f x) <= e.

(** The tasks, from hard to easy; an exact answer counts as an approximate one. *)
Definition exact_solvable d C a b m M x := exists D, guarantees d C a b m M x D 0.
Definition approximate_solvable d C a b m M x :=
  exact_solvable d C a b m M x \/ exists D e, e < (M - m) / 2 /\ guarantees d C a b m M x D e.
Definition side_solvable d C a b m M x :=
  exists says_high : Prop, forall f, member d C a b m M f -> (says_high <-> f x >= (m + M) / 2).

(** f(x) <= f(y) for every member. *)
Definition ordered d C a b m M x y := forall f, member d C a b m M f -> f x <= f y.

(** No decoder does better at x than the uninformed one, and none tells the side. *)
Definition nothing_is_known d C a b m M x :=
  (forall D e, guarantees d C a b m M x D e -> (M - m) / 2 <= e) /\ ~ side_solvable d C a b m M x.

(** A random answer: the expectation of functions of what happens, linear and monotone. *)
Record expectation (Outcome : Type) := Expectation {
  integrable : (Outcome -> R) -> Prop;
  mean : (Outcome -> R) -> R;
  mean_of_constant : forall c, integrable (fun _ => c) /\ mean (fun _ => c) = c;
  mean_of_sum : forall g h, integrable g -> integrable h ->
    integrable (fun o => g o + h o) /\ mean (fun o => g o + h o) = mean g + mean h;
  mean_is_monotone : forall g h, integrable g -> integrable h -> (forall o, g o <= h o) -> mean g <= mean h }.
Arguments integrable {Outcome}.
Arguments mean {Outcome}.

(** * Distances *)

Record distance (d : nat) (dist : point -> point -> R) : Prop := Distance {
  dist_positive : forall x y, 0 <= dist x y;
  dist_zero : forall x y, dist x y = 0 <-> same d x y;
  dist_symmetric : forall x y, dist x y = dist y x;
  dist_triangle : forall x y z, dist x z <= dist x y + dist y z }.

(** How far y rises above x: the norm of the positive part of y - x. *)
Record climb (d : nat) (rise : point -> point -> R) : Prop := Climb {
  climb_positive : forall x y, 0 <= rise x y;
  climb_zero : forall x y, rise x y = 0 <-> below d y x;
  climb_triangle : forall x y z, rise x z <= rise x y + rise y z }.

Definition positive_part (t : R) : R := Rmax t 0.
Definition l1 (d : nat) (x y : point) : R := sum d (fun i => Rabs (y i - x i)).
Definition l2 (d : nat) (x y : point) : R := sqrt (sum d (fun i => (y i - x i) * (y i - x i))).
Definition linf (d : nat) (x y : point) : R := largest d (fun i => Rabs (y i - x i)).
Definition l1_climb (d : nat) (x y : point) : R := sum d (fun i => positive_part (y i - x i)).
Definition l2_climb (d : nat) (x y : point) : R :=
  sqrt (sum d (fun i => positive_part (y i - x i) * positive_part (y i - x i))).
Definition linf_climb (d : nat) (x y : point) : R := largest d (fun i => positive_part (y i - x i)).

(** * Classes *)

Definition BlackBox : class := fun _ => True.

(** L-Lipschitz on the cube, for a given distance. *)
Definition Lipschitz (d : nat) (dist : point -> point -> R) (L : R) : class :=
  fun f => forall p q, cube d p -> cube d q -> Rabs (f p - f q) <= L * dist p q.

Definition Continuous (d : nat) : class := fun f =>
  forall p, cube d p -> forall eps, eps > 0 ->
  exists delta, delta > 0 /\ forall q, cube d q -> l1 d p q < delta -> Rabs (f q - f p) < eps.

Definition Monotone (d : nat) : class := fun f =>
  forall p q, cube d p -> cube d q -> below d p q -> f p <= f q.

Definition Convex (d : nat) : class := fun f =>
  forall p q s, cube d p -> cube d q -> 0 <= s <= 1 -> f (mix s p q) <= (1 - s) * f p + s * f q.

Definition Concave (d : nat) : class := fun f =>
  forall p q s, cube d p -> cube d q -> 0 <= s <= 1 -> f (mix s p q) >= (1 - s) * f p + s * f q.

Definition affine_function (d : nat) (w : point) (c : R) : unit_function := fun z => c + inner d w z.
Definition Affine (d : nat) : class := fun f => exists w c, forall z, f z = affine_function d w c z.

Definition Constant (d : nat) : class := fun f => forall p q, cube d p -> cube d q -> f p = f q.

(** Affine on finitely many pieces: each piece is a polyhedron, where finitely many affine functions are at least 0, and
    every point lies in one of them. *)
Definition affine_map := (point * R)%type.
Definition value (d : nat) (g : affine_map) (z : point) : R := affine_function d (fst g) (snd g) z.
Definition polyhedron := list affine_map.
Definition inside (d : nat) (P : polyhedron) (z : point) := forall g, In g P -> 0 <= value d g z.
Definition PiecewiseAffine (d : nat) : class := fun f =>
  exists pieces : list (polyhedron * affine_map),
    (forall z, exists piece, In piece pieces /\ inside d (fst piece) z) /\
    (forall z piece, In piece pieces -> inside d (fst piece) z -> f z = value d (snd piece) z).

(** [network d n u f]: a feed-forward ReLU network with n hidden layers and u hidden units computes f. With no hidden
    layer, f is affine; with one more, f is β + Σ_j w_j ReLU(g_j), where networks with one layer less compute the
    g_j. *)
Inductive network (d : nat) : nat -> nat -> unit_function -> Prop :=
  | output : forall w c f, (forall z, f z = affine_function d w c z) -> network d 0 0 f
  | layer : forall n N (w : nat -> R) (bias : R) (g : nat -> unit_function) (units : nat -> nat) total f,
      (forall j, (j < N)%nat -> network d n (units j) (g j)) ->
      total = (N + fold_right (fun j s => units j + s) 0 (seq 0 N))%nat ->
      (forall z, f z = bias + sum N (fun j => w j * relu (g j z))) ->
      network d (S n) total f.

Definition ReluNetwork (d : nat) : class := fun f => exists n u, network d n u f.
