Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools affine_domain affine_ball.
Open Scope R_scope.

(** The decoder of the ball, which is exact for affine units. *)
Definition ball_decoder (d : nat) (o : point) (rho : R) (b : point) (m M : R) (x : point) : R :=
  (M + m) / 2 + (M - m) / 2 * (inner d (minus b o) (minus x o) / (rho * rho)).

(** nearly-affine, exact: Nearly affine units on a ball.

    "The decoder of the ball errs by 2δ + 2√(δ‖w‖) at most (a fortiori by 3δ + 2√(δ‖w‖)), and beats the uninformed one
    where δ < ‖w‖/9; where f is affine on the ball, δ = 0 and it is exact."

    ‖w‖ is counted per radius: W = ρ times the slope. *)
Theorem nearly_affine : forall d o rho f w c delta a b m M, 0 < rho -> 0 <= delta ->
  let W := rho * norm2 d w in 0 < W ->
  (forall z, ball d o rho z -> Rabs (f z - affine_function d w c z) <= delta) ->
  ball d o rho a -> ball d o rho b -> shows_on (ball d o rho) f a b m M ->
  forall x, ball d o rho x ->
    let error := Rabs (ball_decoder d o rho b m M x - f x) in
    error <= 2 * delta + 2 * sqrt (delta * W) /\
    error <= 3 * delta + 2 * sqrt (delta * W) /\
    (delta < W / 9 -> error < (M - m) / 2) /\
    (delta = 0 -> ball_decoder d o rho b m M x = f x).
Proof.
  intros d o rho f w c delta a b m M r0 d0 W W0 near Ba Bb (fa & fb & R) x Bx error.
  set (n := norm2 d w) in *. assert (n0 : 0 < n) by (unfold W in W0; nra).
  set (g := fun z => affine_function d w c z). set (C := g o).
  assert (G : forall z, g z = C + inner d w (minus z o)).
  { intros z. rewrite inner_minus. unfold C, g, affine_function. ring. }
  assert (up : forall z, ball d o rho z -> - W <= inner d w (minus z o) <= W).
  { intros z Bz. rewrite inner_minus. pose proof (inner_on_ball d o rho w z Bz).
    pose proof (inner_on_ball d o rho (fun i => -1 * w i) z Bz) as K. rewrite !inner_scaled in K.
    replace (norm2 d (fun i => -1 * w i)) with n in K by (apply norm2_ext; intros; ring).
    fold n in H. unfold W. lra. }
  assert (N : forall z, ball d o rho z -> - delta <= f z - g z <= delta).
  { intros z Bz. specialize (near z Bz). apply abs_at_most in near. unfold g. lra. }
  destruct (pole d o rho w 1 r0 n0) as (Bp & Ep); [cases; lra|].
  destruct (pole d o rho w (-1) r0 n0) as (Bq & Eq); [cases; lra|]. fold n in Ep, Eq, Bp, Bq.
  pose proof (R _ Bp) as Rp. pose proof (R _ Bq) as Rq. pose proof (N _ Bp) as Np. pose proof (N _ Bq) as Nq.
  rewrite G, inner_minus, Ep in Np. rewrite G, inner_minus, Eq in Nq.
  pose proof (N a Ba) as Na. pose proof (N b Bb) as Nb. pose proof (up a Ba) as Ua. pose proof (up b Bb) as Ub.
  rewrite G, fa in Na. rewrite G, fb in Nb.
  assert (top : W - 2 * delta <= inner d w (minus b o)) by (unfold W; lra).
  assert (HM : - delta <= M - (C + W) <= delta) by (unfold W in *; lra).
  assert (Hm : - delta <= m - (C - W) <= delta) by (unfold W in *; lra).
  (* ⟨b − x₀, x − x₀⟩/ρ² lies in [−1, 1] *)
  set (t := inner d (minus b o) (minus x o) / (rho * rho)).
  assert (rr : 0 < rho * rho) by nra.
  assert (B2 : norm2 d (minus b o) <= rho) by exact Bb. assert (X2 : norm2 d (minus x o) <= rho) by exact Bx.
  pose proof (norm2_nonneg d (minus b o)) as B0. pose proof (norm2_nonneg d (minus x o)) as X0.
  assert (BX : norm2 d (minus b o) * norm2 d (minus x o) <= rho * rho) by nra.
  assert (T : -1 <= t <= 1).
  { unfold t. split.
    - apply Rle_div_iff; auto. pose proof (cauchy_norms d (fun i => -1 * minus b o i) (minus x o)) as K.
      replace (norm2 d (fun i => -1 * minus b o i)) with (norm2 d (minus b o)) in K by (apply norm2_ext; intros; ring).
      change (inner d (fun i => -1 * minus b o i) (minus x o) <= norm2 d (minus b o) * norm2 d (minus x o)) in K.
      rewrite inner_scaled in K. lra.
    - apply Rdiv_le_iff; auto. pose proof (cauchy_norms d (minus b o) (minus x o)) as K.
      change (inner d (minus b o) (minus x o) <= norm2 d (minus b o) * norm2 d (minus x o)) in K. lra. }
  (* the direction is off by little *)
  set (e := fun i => n / rho * minus b o i - w i).
  assert (Ee : inner d e (minus x o) = W * t - inner d w (minus x o)).
  { unfold e, t, W. unfold inner at 1.
    rewrite (sum_ext d _ (fun i => n / rho * (minus b o i * minus x o i) - w i * minus x o i)) by (intros; ring).
    rewrite sum_minus, sum_scale. fold (inner d (minus b o) (minus x o)). fold (inner d w (minus x o)). field. lra. }
  assert (e2 : norm2 d e * norm2 d e * (rho * rho) <= 4 * (delta * W)).
  { rewrite norm2_square. unfold e.
    rewrite (sum_ext d _ (fun i => n / rho * (n / rho) * (minus b o i * minus b o i) +
      ((- (2 * (n / rho))) * (w i * minus b o i) + w i * w i))) by (intros; ring).
    rewrite !sum_plus, !sum_scale, <- !norm2_square. fold (inner d w (minus b o)). fold n.
    replace ((n / rho * (n / rho) * (norm2 d (minus b o) * norm2 d (minus b o)) +
      (- (2 * (n / rho)) * inner d w (minus b o) + n * n)) * (rho * rho)) with
      (n * n * (norm2 d (minus b o) * norm2 d (minus b o)) - 2 * W * inner d w (minus b o) + W * W)
      by (unfold W; field; lra).
    assert (norm2 d (minus b o) * norm2 d (minus b o) <= rho * rho) by nra.
    assert (n * n * (norm2 d (minus b o) * norm2 d (minus b o)) <= W * W) by (unfold W; nra). nra. }
  set (root := sqrt (delta * W)). assert (R0 : 0 <= root) by apply sqrt_pos.
  assert (RR : root * root = delta * W) by (apply sqrt_sqrt; nra).
  assert (Es : - (2 * root) <= inner d e (minus x o) <= 2 * root).
  { assert (S : norm2 d e * rho <= 2 * root).
    { apply below_of_squares; [lra|]. pose proof (norm2_nonneg d e).
      replace (norm2 d e * rho * (norm2 d e * rho)) with (norm2 d e * norm2 d e * (rho * rho)) by ring. nra. }
    pose proof (norm2_nonneg d e) as E0.
    assert (S' : norm2 d e * norm2 d (minus x o) <= 2 * root) by nra.
    pose proof (cauchy_norms d e (minus x o)) as K1.
    pose proof (cauchy_norms d (fun i => -1 * e i) (minus x o)) as K2.
    replace (norm2 d (fun i => -1 * e i)) with (norm2 d e) in K2 by (apply norm2_ext; intros; ring).
    change (inner d (fun i => -1 * e i) (minus x o) <= norm2 d e * norm2 d (minus x o)) in K2.
    change (inner d e (minus x o) <= norm2 d e * norm2 d (minus x o)) in K1.
    rewrite inner_scaled in K2. lra. }
  pose proof (N x Bx) as Nx. rewrite G in Nx.
  assert (bound : error <= 2 * delta + 2 * root).
  { unfold error, ball_decoder. fold t. apply abs_at_most.
    set (mu := M - (C + W)) in *. set (nu := m - (C - W)) in *.
    assert (- delta <= (mu + nu) / 2 + (mu - nu) / 2 * t <= delta) by (split; nra).
    replace ((M + m) / 2 + (M - m) / 2 * t) with (C + ((mu + nu) / 2 + (mu - nu) / 2 * t) + W * t)
      by (unfold mu, nu; field). lra. }
  split; [exact bound|]. split; [lra|]. split.
  - intros small. assert (root < W / 3) by (apply Rnot_le_lt; intros K; nra). lra.
  - intros Z. assert (root = 0) by (unfold root; rewrite Z, Rmult_0_l; apply sqrt_0).
    unfold error in bound. rewrite Z, H in bound. apply abs_at_most in bound. lra.
Qed.

Print Assumptions nearly_affine.
