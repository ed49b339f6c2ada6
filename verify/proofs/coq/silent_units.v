Require Import Reals Lra Lia Psatz.
From Fvproof Require Import Definitions Tools Networks.
Open Scope R_scope.

(** The features H are h_0, ..., h_(N-1); w' = w + lam Δw. *)
Definition steered (lam : R) (w dw : point) : point := fun i => w i + lam * dw i.

(** b' = −max over H of ⟨w', h⟩. *)
Definition is_bias (d N : nat) (h : nat -> point) (w' : point) (b : R) :=
  (forall j, (j < N)%nat -> inner d w' (h j) <= - b) /\ exists j, (j < N)%nat /\ inner d w' (h j) = - b.

(** z = Σ s_j h_j with s_j >= 0 and Σ s_j = 1. *)
Definition in_hull (d N : nat) (h : nat -> point) (z : point) :=
  exists s, (forall j, (j < N)%nat -> 0 <= s j) /\ sum N s = 1 /\
    forall i, (i < d)%nat -> z i = sum N (fun j => s j * h j i).

Definition silent_unit (d : nat) (w' : point) (b : R) : unit_function := fun h => relu (inner d w' h + b).

Lemma inner_combination d N w s (h : nat -> point) z :
  (forall i, (i < d)%nat -> z i = sum N (fun j => s j * h j i)) -> inner d w z = sum N (fun j => s j * inner d w (h j)).
Proof.
  unfold inner. induction d; simpl; intros E.
  - rewrite sum_all_zero; auto. intros; ring.
  - rewrite IHd by auto. rewrite (E d) by auto.
    rewrite (sum_ext N (fun j => s j * (sum d (fun i => w i * h j i) + w d * h j d))
      (fun j => s j * sum d (fun i => w i * h j i) + w d * (s j * h j d))) by (intros; ring).
    rewrite sum_plus, sum_scale. ring.
Qed.

Lemma inner_steered d lam w dw z : inner d (steered lam w dw) z = inner d w z + lam * inner d dw z.
Proof. unfold inner, steered. rewrite <- sum_scale, <- sum_plus. apply sum_ext. intros; ring. Qed.

(** silent-units, exact: Silent units with orthogonal filters.

    "ReLU(⟨w′, h⟩ + b′) is 0 on the convex hull of H, so that adding it changes no output there, and positive wherever
    ⟨w′, h⟩ is larger than on H; where ⟨Δw, h*⟩ is, it exceeds every bound at h* for λ large enough."

    The last part says what Δw ⊥ w is good for: along w the new filter answers as w does. *)
Theorem silent_units : forall d N h w dw, inner d dw w = 0 ->
  (forall lam b, is_bias d N h (steered lam w dw) b ->
    (forall z, in_hull d N h z -> silent_unit d (steered lam w dw) b z = 0) /\
    (forall (unit : unit_function) z, in_hull d N h z -> unit z + silent_unit d (steered lam w dw) b z = unit z) /\
    (forall z, (forall j, (j < N)%nat -> inner d (steered lam w dw) (h j) < inner d (steered lam w dw) z) ->
      0 < silent_unit d (steered lam w dw) b z)) /\
  (forall z bound, (forall j, (j < N)%nat -> inner d dw (h j) < inner d dw z) ->
    exists enough, forall lam b, enough <= lam -> is_bias d N h (steered lam w dw) b ->
      bound < silent_unit d (steered lam w dw) b z) /\
  (forall lam, inner d (steered lam w dw) w = inner d w w).
Proof.
  intros d N h w dw ortho. split; [|split].
  - intros lam b (below & top).
    assert (zero : forall z, in_hull d N h z -> silent_unit d (steered lam w dw) b z = 0).
    { intros z (s & pos & one & E). unfold silent_unit. rewrite (inner_combination d N _ s h z E).
      assert (sum N (fun j => s j * inner d (steered lam w dw) (h j)) <= - b).
      { replace (- b) with (- b * sum N s) by (rewrite one; ring). rewrite <- sum_scale. apply sum_le. intros j Hj.
        specialize (pos j Hj). specialize (below j Hj). nra. }
      cases; lra. }
    split; auto. split.
    + intros unit z Hz. rewrite (zero z Hz). ring.
    + intros z larger. destruct top as (j & Hj & E). specialize (larger j Hj). unfold silent_unit. cases; lra.
  - intros z bound larger.
    destruct (common_bound (fun j s => forall lam, s <= lam ->
      bound < inner d (steered lam w dw) z - inner d (steered lam w dw) (h j)) N) as (s & _ & H).
    + intros j s t Hs st lam Ht. apply Hs. lra.
    + intros j Hj. specialize (larger j Hj). set (gap := inner d dw z - inner d dw (h j)).
      exists ((bound + 1 - (inner d w z - inner d w (h j))) / gap). intros lam Hl.
      apply Rdiv_le_iff in Hl; [|unfold gap; lra]. rewrite !inner_steered. unfold gap in Hl. lra.
    + exists s. intros lam b Hl (_ & j & Hj & E). specialize (H j Hj lam Hl). unfold silent_unit. cases; lra.
  - intros lam. rewrite inner_steered, ortho. ring.
Qed.

Print Assumptions silent_units.
