Require Import Reals Lra Lia List Psatz.
From Fvproof Require Import Definitions Tools Networks Free.
Import ListNotations.
Open Scope R_scope.

Definition plus (g h : affine_map) : affine_map := (fun i => fst g i + fst h i, snd g + snd h).
Definition times (t : R) (g : affine_map) : affine_map := (fun i => t * fst g i, t * snd g).

Lemma value_plus d g h z : value d (plus g h) z = value d g z + value d h z.
Proof.
  unfold value, affine_function, inner. simpl.
  rewrite (sum_ext d _ (fun i => fst g i * z i + fst h i * z i)) by (intros; ring). rewrite sum_plus. ring.
Qed.

Lemma value_times d t g z : value d (times t g) z = t * value d g z.
Proof.
  unfold value, affine_function, inner. simpl.
  rewrite (sum_ext d _ (fun i => t * (fst g i * z i))) by (intros; ring). rewrite sum_scale. ring.
Qed.

Lemma affine_piecewise d f g : (forall z, f z = value d g z) -> PiecewiseAffine d f.
Proof.
  intros E. exists [([], g)]. split.
  - intros z. exists ([], g). split; [left; auto|]. intros h [].
  - intros z piece [<-|[]] _. apply E.
Qed.

Lemma sum_piecewise d f g : PiecewiseAffine d f -> PiecewiseAffine d g -> PiecewiseAffine d (fun z => f z + g z).
Proof.
  intros (P & CP & VP) (Q & CQ & VQ).
  exists (map (fun pq => (fst (fst pq) ++ fst (snd pq), plus (snd (fst pq)) (snd (snd pq)))) (list_prod P Q)). split.
  - intros z. destruct (CP z) as (p & Ip & Zp). destruct (CQ z) as (q & Iq & Zq).
    exists (fst p ++ fst q, plus (snd p) (snd q)). split.
    + apply in_map_iff. exists (p, q). split; auto. apply in_prod; auto.
    + intros h Hh. simpl in Hh. apply in_app_or in Hh. destruct Hh; auto.
  - intros z piece Hp In_z. apply in_map_iff in Hp. destruct Hp as ((p & q) & <- & Hpq).
    apply in_prod_iff in Hpq. destruct Hpq as (Hp & Hq). simpl in *.
    rewrite value_plus, (VP z p Hp), (VQ z q Hq); auto; intros h Hh; apply In_z, in_or_app; auto.
Qed.

Lemma scaled_piecewise d t f : PiecewiseAffine d f -> PiecewiseAffine d (fun z => t * f z).
Proof.
  intros (P & CP & VP). exists (map (fun p => (fst p, times t (snd p))) P). split.
  - intros z. destruct (CP z) as (p & Ip & Zp). exists (fst p, times t (snd p)). split; auto.
    apply in_map_iff. exists p. auto.
  - intros z piece Hp In_z. apply in_map_iff in Hp. destruct Hp as (p & <- & Hp). simpl in *.
    pose proof (VP z p Hp In_z) as E. rewrite value_times, E. reflexivity.
Qed.

(** Each piece is cut where its affine function changes sign. *)
Lemma relu_piecewise d f : PiecewiseAffine d f -> PiecewiseAffine d (fun z => relu (f z)).
Proof.
  intros (P & CP & VP).
  exists (map (fun p => (snd p :: fst p, snd p)) P ++ map (fun p => (times (-1) (snd p) :: fst p, times 0 (snd p))) P).
  split.
  - intros z. destruct (CP z) as (p & Ip & Zp). destruct (Rle_dec 0 (value d (snd p) z)) as [L|L].
    + exists (snd p :: fst p, snd p). split.
      * apply in_or_app. left. apply in_map_iff. exists p. auto.
      * intros h [<-|Hh]; auto.
    + exists (times (-1) (snd p) :: fst p, times 0 (snd p)). split.
      * apply in_or_app. right. apply in_map_iff. exists p. auto.
      * intros h [<-|Hh]; auto. rewrite value_times. lra.
  - intros z piece Hp In_z. apply in_app_or in Hp.
    destruct Hp as [Hp|Hp]; apply in_map_iff in Hp; destruct Hp as (p & <- & Hp); unfold polyhedron in *; simpl in *.
    + rewrite (VP z p Hp) by (intros h Hh; apply In_z; right; auto).
      assert (0 <= value d (snd p) z) by (apply In_z; left; auto). cases; lra.
    + rewrite (VP z p Hp) by (intros h Hh; apply In_z; right; auto).
      assert (0 <= value d (times (-1) (snd p)) z) by (apply In_z; left; auto).
      rewrite !value_times in *. cases; lra.
Qed.

Lemma network_piecewise d n u f : network d n u f -> PiecewiseAffine d f.
Proof.
  intros H. induction H as [w c f E|n N w bias g units total f _ IH _ E].
  - apply affine_piecewise with (g := (w, c)). exact E.
  - clear units total. revert f E. induction N; intros f E; simpl in E.
    + apply affine_piecewise with (g := (fun _ => 0, bias)). intros z. rewrite E. unfold value, affine_function, inner. simpl.
      rewrite sum_all_zero; [reflexivity|]. intros. ring.
    + assert (K : PiecewiseAffine d (fun z => (bias + sum N (fun j => w j * relu (g j z))) + w N * relu (g N z))).
      { apply sum_piecewise.
        - apply IHN; auto.
        - apply scaled_piecewise, relu_piecewise, IH. lia. }
      destruct K as (P & CP & VP). exists P. split; auto. intros z p Hp Iz.
      rewrite <- (VP z p Hp Iz), E. ring.
Qed.

(** piecewise-affine, exact: Piecewise affine functions.

    "Every value in [m, M] is possible at x, each for a function with visualization φ that is affine on finitely many
    pieces." *)
Theorem piecewise_affine : forall d a b m M x,
  cube d a -> cube d b -> cube d x -> (~ same d a b /\ m < M \/ m = M) -> ~ same d x a -> ~ same d x b ->
  (forall v, possible d (PiecewiseAffine d) a b m M x v <-> m <= v <= M) /\
  (m < M -> nothing_is_known d (PiecewiseAffine d) a b m M x).
Proof. intros. apply free_row; auto; intros; eapply network_piecewise; eauto. Qed.

Print Assumptions piecewise_affine.
