Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools affine_domain ridge.
Open Scope R_scope.

(** s y + z. *)
Definition along (s : R) (y z : point) : point := fun i => s * y i + z i.

(** A symmetric bilinear form on R^d: yᵀAz for a symmetric matrix A. *)
Record symmetric_form (d : nat) (B : point -> point -> R) : Prop := SymmetricForm {
  form_symmetric : forall y z, B y z = B z y;
  form_linear : forall s y y' z, B (along s y y') z = s * B y z + B y' z;
  form_same : forall y y' z, same d y y' -> B y z = B y' z }.

(** A quadratic form on the unit sphere with the visualization (a, b, m, M). *)
Definition quadratic_unit (d : nat) (B : point -> point -> R) (a b : point) (m M : R) :=
  symmetric_form d B /\ sphere d a /\ sphere d b /\ shows_on (sphere d) (fun z => B z z) a b m M.

Lemma inner_form d : symmetric_form d (inner d).
Proof.
  constructor.
  - intros y z. apply sum_ext. intros; ring.
  - intros s y y' z. unfold inner, along. rewrite <- sum_scale, <- sum_plus. apply sum_ext. intros; ring.
  - intros y y' z S. apply sum_ext. intros i Hi. rewrite (S i Hi). reflexivity.
Qed.

(** The square of a sum. *)
Lemma form_square d B s y z : symmetric_form d B -> B (along s y z) (along s y z) = s * s * B y y + 2 * s * B y z + B z z.
Proof.
  intros F. rewrite (form_linear _ _ F), (form_symmetric _ _ F y), (form_symmetric _ _ F z), !(form_linear _ _ F).
  rewrite (form_symmetric _ _ F z y). ring.
Qed.

Lemma form_same_square d B y z : symmetric_form d B -> same d y z -> B y y = B z z.
Proof. intros F S. rewrite (form_same _ _ F y z y S), (form_symmetric _ _ F z y). apply (form_same _ _ F y z z S). Qed.

Lemma form_scaled d B t z : symmetric_form d B -> B (fun i => t * z i) (fun i => t * z i) = t * t * B z z.
Proof.
  intros F. assert (Z : forall y, B (fun _ => 0) y = 0).
  { intros y. pose proof (form_linear _ _ F 1 (fun _ => 0) (fun _ => 0) y) as K.
    rewrite (form_same _ _ F (along 1 (fun _ => 0) (fun _ => 0)) (fun _ => 0)) in K by (intros i _; unfold along; ring). lra. }
  rewrite (form_same_square d B (fun i => t * z i) (along t z (fun _ => 0)) F) by (intros i _; unfold along; ring).
  rewrite (form_square d); auto. rewrite (form_symmetric _ _ F z (fun _ => 0)), !Z. ring.
Qed.

(** A form with one sign that is 0 at a is 0 with a. *)
Lemma degenerate d G a z : symmetric_form d G -> (forall y, 0 <= G y y) -> G a a = 0 -> G a z = 0.
Proof.
  intros F P Z. destruct (Req_dec (G a z) 0) as [|N]; auto. exfalso.
  pose proof (P (along (- (G z z + 1) / (2 * G a z)) a z)) as K. rewrite (form_square d), Z in K; auto.
  replace (2 * (- (G z z + 1) / (2 * G a z)) * G a z) with (- (G z z + 1)) in K by (field; auto). lra.
Qed.

Section Eigenvectors.
Variables (d : nat) (B : point -> point -> R) (a b : point) (m M : R).
Hypothesis U : quadratic_unit d B a b m M.
Hypothesis mM : m < M.

Lemma between_multiples z : m * inner d z z <= B z z <= M * inner d z z.
Proof.
  destruct U as (F & _ & _ & _ & _ & R). rewrite inner_self. set (n := norm2 d z). assert (0 <= n) by apply norm2_nonneg.
  destruct (Rle_lt_or_eq_dec 0 n H) as [L|E].
  - assert (S : sphere d (fun i => / n * z i)).
    { unfold sphere. assert (K : norm2 d (fun i => / n * z i) * norm2 d (fun i => / n * z i) = 1).
      { rewrite <- inner_self, (form_scaled d (inner d) (/ n) z (inner_form d)), inner_self. fold n. field. lra. }
      pose proof (norm2_nonneg d (fun i => / n * z i)). nra. }
    specialize (R _ S). cbv beta in R. rewrite (form_scaled d B) in R by auto.
    replace (B z z) with (n * n * (/ n * / n * B z z)) by (field; lra).
    assert (0 <= n * n) by nra. split; nra.
  - assert (Z : forall i, (i < d)%nat -> z i = 0) by (apply norm2_zero; auto).
    assert (K : B z z = 0).
    { rewrite (form_same_square d B z (fun i => 0 * z i) F) by (intros i Hi; rewrite (Z i Hi); ring).
      rewrite (form_scaled d); auto. ring. }
    rewrite K, <- E. lra.
Qed.

Lemma shifted_form t s : symmetric_form d (fun y z => t * B y z + s * inner d y z).
Proof.
  destruct U as (F & _). pose proof (inner_form d) as I. constructor.
  - intros y z. rewrite (form_symmetric _ _ F), (form_symmetric _ _ I). reflexivity.
  - intros r y y' z. rewrite (form_linear _ _ F), (form_linear _ _ I). ring.
  - intros y y' z S. rewrite (form_same _ _ F y y'), (form_same _ _ I y y'); auto.
Qed.

Lemma eigenvector_a z : B a z = m * inner d a z.
Proof.
  pose proof U as (F & Sa & _ & Ba & _).
  pose proof (degenerate d _ a z (shifted_form 1 (- m))) as K. cbv beta in K.
  assert (1 * B a z + - m * inner d a z = 0); [|lra]. apply K.
  - intros y. pose proof (between_multiples y). lra.
  - rewrite Ba, inner_self, Sa. ring.
Qed.

Lemma eigenvector_b z : B b z = M * inner d b z.
Proof.
  pose proof U as (F & _ & Sb & _ & Bb & _).
  pose proof (degenerate d _ b z (shifted_form (-1) M)) as K. cbv beta in K.
  assert (-1 * B b z + M * inner d b z = 0); [|lra]. apply K.
  - intros y. pose proof (between_multiples y). lra.
  - rewrite Bb, inner_self, Sb. ring.
Qed.

Lemma orthogonal : inner d a b = 0.
Proof.
  pose proof U as (F & _). pose proof (eigenvector_a b) as Ea. pose proof (eigenvector_b a) as Eb.
  rewrite (form_symmetric _ _ F b a), (form_symmetric _ _ (inner_form d) b a) in Eb.
  assert ((M - m) * inner d a b = 0) by lra. apply Rmult_integral in H. destruct H; lra.
Qed.
End Eigenvectors.

(** x without its parts along a and b. *)
Definition rest (d : nat) (a b x : point) : point := along (- inner d a x) a (along (- inner d b x) b x).

Lemma rest_square d a b x : sphere d a -> sphere d b -> inner d a b = 0 ->
  inner d (rest d a b x) (rest d a b x) = inner d x x - inner d a x * inner d a x - inner d b x * inner d b x.
Proof.
  intros Sa Sb O. pose proof (inner_form d) as I. unfold rest.
  rewrite (form_square d), (form_symmetric _ _ I a (along _ b x)), (form_linear _ _ I), (form_square d); auto.
  rewrite (form_symmetric _ _ I b a), (form_symmetric _ _ I x a), O, !(inner_self d a), !(inner_self d b), Sa, Sb. ring.
Qed.

(** quadratic, weaker: Quadratic forms on the sphere.

    "f(x) takes the values M·α + m·β + (1−α−β)·[m, M], each for a form with visualization φ; a and b are orthogonal
    eigenvectors. f(x) ≤ f(y) for every such form iff α(x) − α(y) + λ ≤ 0, where λ ≥ 0 is the largest eigenvalue of
    x′x′ᵀ − y′y′ᵀ, and x′, y′ are the parts of x, y orthogonal to a and b."

    The order of two points, the last sentence, is not proved here: it needs the spectral theorem. *)
Theorem quadratic : forall d a b m M x, m < M -> sphere d x ->
  (forall B, quadratic_unit d B a b m M ->
    inner d a b = 0 /\ (forall z, B a z = m * inner d a z) /\ (forall z, B b z = M * inner d b z)) /\
  (sphere d a -> sphere d b -> inner d a b = 0 ->
    let alpha := inner d b x * inner d b x in
    let beta := inner d a x * inner d a x in
    forall v, (exists B, quadratic_unit d B a b m M /\ B x x = v) <->
      M * alpha + m * beta + (1 - alpha - beta) * m <= v <= M * alpha + m * beta + (1 - alpha - beta) * M).
Proof.
  intros d a b m M x mM Sx. pose proof (inner_form d) as I. split.
  - intros B U. split; [apply (orthogonal d B a b m M U mM)|].
    split; [apply (eigenvector_a d B a b m M U)|apply (eigenvector_b d B a b m M U)].
  - intros Sa Sb O alpha beta.
    assert (aa : inner d a a = 1) by (rewrite inner_self, Sa; ring).
    assert (bb : inner d b b = 1) by (rewrite inner_self, Sb; ring).
    assert (bessel : forall z, sphere d z -> 0 <= 1 - inner d b z * inner d b z - inner d a z * inner d a z).
    { intros z Sz. assert (zz : inner d z z = 1) by (rewrite inner_self, Sz; ring).
      pose proof (rest_square d a b z Sa Sb O) as K. rewrite zz in K.
      assert (0 <= inner d (rest d a b z) (rest d a b z)) by (unfold inner; apply squares_nonneg). lra. }
    assert (xx : inner d x x = 1) by (rewrite inner_self, Sx; ring).
    intros v. split.
    + intros (B & U & <-). pose proof U as (F & _).
      pose proof (eigenvector_a d B a b m M U) as Ea. pose proof (eigenvector_b d B a b m M U) as Eb.
      pose proof (between_multiples d B a b m M U (rest d a b x)) as K.
      rewrite (rest_square d a b x Sa Sb O), xx in K. fold alpha beta in K.
      assert (E : B (rest d a b x) (rest d a b x) = B x x - m * beta - M * alpha).
      { unfold rest. rewrite (form_square d B), (form_symmetric _ _ F a (along _ b x)), (form_linear _ _ F),
          (form_square d B) by auto.
        rewrite (form_symmetric _ _ F x a), !Eb, !Ea, (form_symmetric _ _ I b a), O, aa, bb. unfold alpha, beta. ring. }
      rewrite E in K. split; nra.
    + intros Hv.
      assert (C : exists c, m <= c <= M /\ M * alpha + m * beta + (1 - alpha - beta) * c = v).
      { pose proof (bessel x Sx) as Bx. fold alpha beta in Bx. destruct (Req_dec (1 - alpha - beta) 0) as [Z|N].
        - exists m. rewrite Z in *. lra.
        - exists ((v - M * alpha - m * beta) / (1 - alpha - beta)). split; [|field; auto].
          split; [apply Rle_div_iff|apply Rdiv_le_iff]; lra. }
      destruct C as (c & Hc & Ev).
      exists (fun y z => c * inner d y z + (M - c) * (inner d b y * inner d b z) + (m - c) * (inner d a y * inner d a z)).
      split; [|rewrite xx, <- Ev; unfold alpha, beta; ring].
      split; [constructor|split; auto; split; auto; split; [|split]].
      * intros y z. rewrite (form_symmetric _ _ I y z). ring.
      * intros s y y' z. rewrite !(form_symmetric _ _ I _ (along s y y')), !(form_linear _ _ I).
        rewrite !(form_symmetric _ _ I y), !(form_symmetric _ _ I y'). ring.
      * intros y y' z S. rewrite !(form_symmetric _ _ I _ y), !(form_symmetric _ _ I _ y'), !(form_same _ _ I y y'); auto.
      * rewrite aa, (form_symmetric _ _ I b a), O. ring.
      * rewrite bb, O. ring.
      * intros z Sz. assert (zz : inner d z z = 1) by (rewrite inner_self, Sz; ring). rewrite zz.
        pose proof (bessel z Sz). assert (0 <= inner d b z * inner d b z) by apply square_nonneg.
        assert (0 <= inner d a z * inner d a z) by apply square_nonneg. split; nra.
Qed.

Print Assumptions quadratic.
