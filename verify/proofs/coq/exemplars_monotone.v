Require Import Reals Lra List Psatz.
From Fvproof Require Import Definitions Tools.
Import ListNotations.
Open Scope R_scope.

(** The largest value of an exemplar below z, or m. *)
Fixpoint staircase (d : nat) (m : R) (l : list (point * R)) (z : point) : R :=
  match l with
  | [] => m
  | (p, v) :: l => if below_dec d p z then Rmax v (staircase d m l z) else staircase d m l z
  end.

Lemma staircase_ge d m l z p v : In (p, v) l -> below d p z -> v <= staircase d m l z.
Proof.
  induction l as [|(q, w) l IH]; intros I B; [destruct I|]. simpl. destruct I as [E|I].
  - injection E as <- <-. destruct (below_dec d q z); [apply Rmax_l|tauto].
  - specialize (IH I B). destruct below_dec; auto. eapply Rle_trans; [exact IH|apply Rmax_r].
Qed.

Lemma staircase_le d m l z u :
  m <= u -> (forall p v, In (p, v) l -> below d p z -> v <= u) -> staircase d m l z <= u.
Proof.
  intros mu. induction l as [|(q, w) l IH]; intros H; simpl; auto.
  assert (staircase d m l z <= u) by (apply IH; intros; apply (H p v); auto; right; auto).
  destruct below_dec; auto. apply Rmax_lub; auto. apply (H q w); auto. left; auto.
Qed.

Lemma staircase_at_least d m l z : m <= staircase d m l z.
Proof.
  induction l as [|(q, w) l IH]; simpl; [lra|]. destruct below_dec; auto. eapply Rle_trans; [exact IH|apply Rmax_r].
Qed.

Definition in_order (d : nat) (l : list (point * R)) :=
  forall p v q w, In (p, v) l -> In (q, w) l -> below d p q -> v <= w.
Definition takes (l : list (point * R)) (f : unit_function) := forall p v, In (p, v) l -> f p = v.

(** exemplars-monotone, exact: Exemplars for monotone functions.

    "f(x) lies between the largest value below x (m where there is none) and the least above it (M where there is none),
    and every value there is attained (x joins the exemplars with it)."

    v is at least every value below x, and at most every value above it. *)
Theorem exemplars_monotone : forall d a b m M l x,
  cube d a -> cube d b -> cube d x -> In (a, m) l -> In (b, M) l ->
  (forall p v, In (p, v) l -> cube d p /\ m <= v <= M) -> in_order d l ->
  forall v, possible d (fun f => Monotone d f /\ takes l f) a b m M x v <->
    m <= v <= M /\ (forall p w, In (p, w) l -> below d p x -> w <= v) /\ (forall p w, In (p, w) l -> below d x p -> v <= w).
Proof.
  intros d a b m M l x Ha Hb Hx Ia Ib L O v. split.
  - intros Pv. split; [apply (possible_in_range _ _ _ _ _ _ _ _ Hx Pv)|].
    destruct Pv as (f & (_ & (Mo & At) & _) & <-).
    split; intros p w I B; rewrite <- (At p w I); apply Mo; auto; apply (L p w I).
  - intros (Hv & Hbelow & Habove). set (f := staircase d m ((x, v) :: l)).
    assert (O' : in_order d ((x, v) :: l)).
    { intros p s q t [E|Ip] [E'|Iq] B.
      - injection E as <- <-. injection E' as <- <-. lra.
      - injection E as <- <-. apply (Habove q t); auto.
      - injection E' as <- <-. apply (Hbelow p s); auto.
      - apply (O p s q t); auto. }
    assert (At : takes ((x, v) :: l) f).
    { intros p w I. apply Rle_antisym.
      - apply staircase_le; [|intros q u Iq B; apply (O' q u p w); auto].
        destruct I as [E|I]; [injection E as <- <-; lra|]. apply (L p w I).
      - apply (staircase_ge d m _ p p w I (below_refl d p)). }
    exists f. split; [|apply (At x v); left; auto].
    split; [|split; [split|split; [|split; [|split; [|split]]]]]; auto.
    + intros p q _ _ S. apply Rle_antisym; apply staircase_le; try apply staircase_at_least;
      intros r w I B; apply (staircase_ge d m _ _ r w I); [apply (below_right d p q r S)|apply (below_right d p q r S)]; auto.
    + intros p q _ _ B. apply staircase_le; [apply staircase_at_least|]. intros r w I Br.
      apply (staircase_ge d m _ q r w I). eapply below_trans; eauto.
    + intros p w I. apply At. right. exact I.
    + apply At. right. exact Ia.
    + apply At. right. exact Ib.
    + intros z _. split; [apply staircase_at_least|]. apply staircase_le; [lra|].
      intros p w [E|I] _; [injection E as <- <-; lra|]. apply (L p w I).
Qed.

Print Assumptions exemplars_monotone.
