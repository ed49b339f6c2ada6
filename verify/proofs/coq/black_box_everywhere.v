Require Import Reals Lra.
From Fvproof Require Import Definitions Tools.
Open Scope R_scope.

(** m at a, M at b, and elsewhere the end that is farther from the answer. *)
Definition contrarian (d : nat) (a b : point) (m M : R) (answer : point -> Prop)
  (decide : forall z, {answer z} + {~ answer z}) : unit_function := fun z =>
  if same_dec d z a then m else if same_dec d z b then M else if decide z then m else M.

(** An answer depends on the query as a point of the cube. *)
Definition of_the_point (d : nat) (answer : point -> Prop) :=
  forall x y, cube d x -> cube d y -> same d x y -> (answer x <-> answer y).

Lemma contrarian_shows d a b m M answer decide :
  cube d a -> cube d b -> ~ same d a b -> m < M -> of_the_point d answer ->
  on_cube d (contrarian d a b m M answer decide) /\ shows d (contrarian d a b m M answer decide) a b m M.
Proof.
  intros Ha Hb ab mM E. split.
  - intros y z Hy Hz S. unfold contrarian.
    pose proof (same_left d y z a S). pose proof (same_left d y z b S). pose proof (E y z Hy Hz S).
    repeat match goal with |- context [if ?t then _ else _] => destruct t end; tauto.
  - split; auto. split; auto. unfold contrarian. split; [|split].
    + point_cases. reflexivity.
    + point_cases. reflexivity.
    + intros z _. repeat match goal with |- context [if ?t then _ else _] => destruct t end; lra.
Qed.

(** black-box-everywhere, exact: One function defeats a decoder everywhere.

    "For every decoder there is one function with visualization φ on which, at every x ∉ {a, b}, it errs by (M−m)/2 at
    least and answers on the wrong side of (m+M)/2. For every decoder that answers about the side alone there is one on
    which it is wrong at every such x." *)
Theorem black_box_everywhere : forall d a b m M,
  cube d a -> cube d b -> ~ same d a b -> m < M ->
  (forall D : decoder, on_cube d (D a b m M) ->
    exists f, on_cube d f /\ shows d f a b m M /\
    forall x, cube d x -> ~ same d x a -> ~ same d x b ->
      Rabs (D a b m M x - f x) >= (M - m) / 2 /\ (D a b m M x >= (m + M) / 2 <-> ~ f x >= (m + M) / 2)) /\
  (forall says_high : point -> bool, (forall x y, cube d x -> cube d y -> same d x y -> says_high x = says_high y) ->
    exists f, on_cube d f /\ shows d f a b m M /\
    forall x, cube d x -> ~ same d x a -> ~ same d x b -> (says_high x = true <-> ~ f x >= (m + M) / 2)).
Proof.
  intros d a b m M Ha Hb ab mM. split.
  - intros D HD.
    destruct (contrarian_shows d a b m M (fun z => D a b m M z >= (m + M) / 2) (fun z => Rge_dec _ _))
      as (E & S); auto.
    { intros x y Hx Hy K. rewrite (HD x y); auto. tauto. }
    eexists. split; [exact E|]. split; [exact S|]. intros x _ xa xb. unfold contrarian.
    destruct (same_dec d x a), (same_dec d x b); try tauto. destruct Rge_dec; cases; split; lra.
  - intros s Hs.
    destruct (contrarian_shows d a b m M (fun z => s z = true) (fun z => Bool.bool_dec (s z) true)) as (E & S); auto.
    { intros x y Hx Hy K. rewrite (Hs x y); auto. tauto. }
    eexists. split; [exact E|]. split; [exact S|]. intros x _ xa xb. unfold contrarian.
    destruct (same_dec d x a), (same_dec d x b); try tauto. destruct Bool.bool_dec; split; intros; auto; lra || tauto.
Qed.

Print Assumptions black_box_everywhere.
