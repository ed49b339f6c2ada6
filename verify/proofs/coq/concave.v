Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools Faces convex.
Open Scope R_scope.

(** The mirror m + M - f turns concave functions into convex ones, and a into b. *)
Lemma mirror d a b m M f :
  member d (Concave d) a b m M f <-> member d (Convex d) b a m M (fun z => m + M - f z).
Proof.
  split; intros (E & K & Ha & Hb & fa & fb & R).
  - split; [intros y z Hy Hz S; rewrite (E y z); auto|]. split.
    + intros p q s Hp Hq Hs. specialize (K p q s Hp Hq Hs). lra.
    + split; auto. split; auto. split; [rewrite fb; ring|]. split; [rewrite fa; ring|].
      intros z Hz. specialize (R z Hz). lra.
  - split; [intros y z Hy Hz S; specialize (E y z Hy Hz S); simpl in E; lra|]. split.
    + intros p q s Hp Hq Hs. specialize (K p q s Hp Hq Hs). simpl in K. lra.
    + split; auto. split; auto. simpl in *. split; [lra|]. split; [lra|].
      intros z Hz. specialize (R z Hz). lra.
Qed.

Lemma mirror_possible d a b m M x v :
  possible d (Concave d) a b m M x v <-> possible d (Convex d) b a m M x (m + M - v).
Proof.
  split.
  - intros (f & Mf & <-). exists (fun z => m + M - f z). split; auto. apply mirror, Mf.
  - intros (g & (E & K & Hb & Ha & gb & ga & R) & gx). exists (fun z => m + M - g z). split; [|lra].
    apply mirror. split; [intros y z Hy Hz S; rewrite (E y z); auto|]. split.
    + intros p q s Hp Hq Hs. specialize (K p q s Hp Hq Hs). lra.
    + split; auto. split; auto. split; [lra|]. split; [lra|]. intros z Hz. specialize (R z Hz). lra.
Qed.

(** concave, exact: Concave functions.

    "f(x) = m where x ∈ G; elsewhere f(x) lies in [M − t·(M−m), M], and every value there is attained: the convex row
    for m + M − f." *)
Theorem concave : forall d a b m M x,
  cube d a -> cube d b -> cube d x -> m <= M -> (~ in_face d a b \/ m = M) ->
  (in_face d a x -> forall v, possible d (Concave d) a b m M x v <-> v = m) /\
  (~ in_face d a x -> forall v, possible d (Concave d) a b m M x v <-> M - gauge d b x * (M - m) <= v <= M).
Proof.
  intros d a b m M x Ha Hb Hx mM F.
  destruct (convex d b a m M x Hb Ha Hx mM F) as (G & N).
  split; intros H v; rewrite mirror_possible.
  - rewrite (G H). split; intros; lra.
  - rewrite (N H). split; intros; lra.
Qed.

Print Assumptions concave.
