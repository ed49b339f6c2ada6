Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools affine_domain.
Open Scope R_scope.

(** The ball of radius rho around o. *)
Definition ball (d : nat) (o : point) (rho : R) (z : point) := l2 d o z <= rho.
Definition minus (x y : point) : point := fun i => x i - y i.

Lemma inner_minus d w x y : inner d w (minus x y) = inner d w x - inner d w y.
Proof.
  unfold inner, minus. rewrite <- sum_minus. apply sum_ext. intros; ring.
Qed.

(** The points of the ball at which an affine function is greatest and least. *)
Lemma pole d o rho w s : 0 < rho -> 0 < norm2 d w -> Rabs s = 1 ->
  let p := fun i => o i + s * rho / norm2 d w * w i in
  ball d o rho p /\ inner d w p - inner d w o = s * rho * norm2 d w.
Proof.
  intros r0 W0 S p. assert (SS : s * s = 1) by (cases; nra).
  assert (E : forall i, p i - o i = s * rho / norm2 d w * w i) by (intros; unfold p; ring).
  assert (K : s * rho / norm2 d w * norm2 d w = s * rho) by (field; lra). split.
  - unfold ball. rewrite l2_norm. apply below_of_squares; [lra|]. rewrite norm2_square.
    rewrite (sum_ext d _ (fun i => (s * rho / norm2 d w) * (s * rho / norm2 d w) * (w i * w i)))
      by (intros; rewrite E; ring).
    rewrite sum_scale, <- norm2_square.
    replace (s * rho / norm2 d w * (s * rho / norm2 d w) * (norm2 d w * norm2 d w)) with
      ((s * rho / norm2 d w * norm2 d w) * (s * rho / norm2 d w * norm2 d w)) by ring.
    rewrite K. replace (s * rho * (s * rho)) with ((s * s) * (rho * rho)) by ring. rewrite SS. lra.
  - rewrite <- inner_minus. unfold inner, minus.
    rewrite (sum_ext d _ (fun i => s * rho / norm2 d w * (w i * w i))) by (intros; rewrite E; ring).
    rewrite sum_scale, <- norm2_square, <- Rmult_assoc, K. reflexivity.
Qed.

(** On the ball, ⟨w, z − o⟩ is at most ρ‖w‖. *)
Lemma inner_on_ball d o rho w z : ball d o rho z -> inner d w z - inner d w o <= norm2 d w * rho.
Proof.
  intros B. rewrite <- inner_minus. eapply Rle_trans; [apply (cauchy_norms d w (minus z o))|].
  apply Rmult_le_compat_l; [apply norm2_nonneg|]. exact B.
Qed.

(** affine-ball, exact: Affine units on a ball.

    "The visualization determines f, in every dimension: f(x) = (M+m)/2 + (M−m)/2·⟨b−x₀, x−x₀⟩/ρ²." *)
Theorem affine_ball : forall d o rho f a b m M, 0 < rho -> m < M -> ball d o rho a -> ball d o rho b ->
  Affine d f -> shows_on (ball d o rho) f a b m M ->
  forall x, f x = (M + m) / 2 + (M - m) / 2 * (inner d (minus b o) (minus x o) / (rho * rho)).
Proof.
  intros d o rho f a b m M r0 mM Ba Bb (w & c & F) (fa & fb & R) x. rewrite F in *. unfold affine_function in *.
  set (W := norm2 d w). assert (Wn : 0 <= W) by apply norm2_nonneg.
  pose proof (inner_on_ball d o rho w b Bb) as Ub.
  pose proof (inner_on_ball d o rho (fun i => -1 * w i) a Ba) as Ua. rewrite !inner_scaled in Ua.
  assert (N : norm2 d (fun i => -1 * w i) = W) by (apply norm2_ext; intros; ring). rewrite N in Ua. fold W in Ub.
  assert (W0 : 0 < W).
  { destruct (Rle_lt_or_eq_dec 0 W Wn) as [|E]; auto. rewrite <- E in *. lra. }
  destruct (pole d o rho w 1 r0 W0) as (Bp & Ep); [cases; lra|].
  destruct (pole d o rho w (-1) r0 W0) as (Bq & Eq); [cases; lra|]. fold W in Ep, Eq.
  pose proof (R _ Bp) as Rp. pose proof (R _ Bq) as Rq. rewrite F in Rp, Rq. unfold affine_function in Rp, Rq. fold W in Rp, Rq.
  assert (top : inner d w b - inner d w o = W * rho) by lra.
  assert (bottom : inner d w a - inner d w o = - (W * rho)) by lra.
  assert (dir : forall i, (i < d)%nat -> rho * w i - W * minus b o i = 0).
  { intros i Hi. apply (norm2_zero d (fun i => rho * w i - W * minus b o i)); auto.
    apply Rle_antisym; [|apply norm2_nonneg]. apply below_of_squares; [lra|]. rewrite norm2_square.
    rewrite (sum_ext d _ (fun i => rho * rho * (w i * w i) + ((- (2 * rho * W)) * (w i * minus b o i) +
      W * W * (minus b o i * minus b o i)))) by (intros; ring).
    rewrite !sum_plus, !sum_scale, <- !norm2_square.
    change (sum d (fun i => w i * minus b o i)) with (inner d w (minus b o)). rewrite inner_minus, top. fold W.
    assert (B2 : norm2 d (minus b o) <= rho) by exact Bb. pose proof (norm2_nonneg d (minus b o)).
    assert (norm2 d (minus b o) * norm2 d (minus b o) <= rho * rho) by nra.
    assert (0 <= W * W) by nra. nra. }
  assert (E : rho * inner d w (minus x o) = W * inner d (minus b o) (minus x o)).
  { unfold inner. rewrite <- !sum_scale. apply sum_ext. intros i Hi.
    assert (K : rho * w i = W * minus b o i) by (specialize (dir i Hi); lra). rewrite <- !Rmult_assoc, K. reflexivity. }
  rewrite inner_minus in E.
  replace (inner d w x) with (inner d w o + W * inner d (minus b o) (minus x o) / rho).
  - replace ((M - m) / 2) with (W * rho) by lra. replace ((M + m) / 2) with (c + inner d w o) by lra. field. lra.
  - rewrite <- E. field. lra.
Qed.

Print Assumptions affine_ball.
