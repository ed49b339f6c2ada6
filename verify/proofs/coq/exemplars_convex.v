Require Import Reals Lra Lia List Psatz.
From Fvproof Require Import Definitions Tools.
Import ListNotations.
Open Scope R_scope.

(** A combination: weights λ_j with points z_j and values v_j; its mass Σ λ_j, its place Σ λ_j·z_j, its worth Σ λ_j·v_j. *)
Definition combination := list (R * (point * R)).
Definition mass (c : combination) : R := fold_right (fun e t => fst e + t) 0 c.
Definition place (c : combination) : point := fun i => fold_right (fun e t => fst e * fst (snd e) i + t) 0 c.
Definition worth (c : combination) : R := fold_right (fun e t => fst e * snd (snd e) + t) 0 c.

(** Among the z_j are the exemplars, and any point of the cube with the value M. *)
Definition usable (d : nat) (M : R) (l : list (point * R)) (p : point) (v : R) := In (p, v) l \/ cube d p /\ v = M.
Definition of (d : nat) (M : R) (l : list (point * R)) (c : combination) :=
  forall e, In e c -> 0 <= fst e /\ usable d M l (fst (snd e)) (snd (snd e)).

(** c combines to x: λ_j >= 0 and Σ λ_j = 1. *)
Definition combines (d : nat) (M : R) (l : list (point * R)) (c : combination) (x : point) :=
  of d M l c /\ mass c = 1 /\ same d (place c) x.

(** No combination undercuts an exemplar. *)
Definition undercut_by_none (d : nat) (M : R) (l : list (point * R)) :=
  forall p v, In (p, v) l -> forall c, combines d M l c p -> v <= worth c.

Definition takes (l : list (point * R)) (f : unit_function) := forall p v, In (p, v) l -> f p = v.

(** * Jensen's inequality *)

Lemma mass_nonneg c : (forall e, In e c -> 0 <= fst e) -> 0 <= mass c.
Proof.
  induction c as [|e c IH]; intros H; simpl; [lra|].
  assert (0 <= fst e) by (apply H; left; auto). assert (0 <= mass c) by (apply IH; intros; apply H; right; auto).
  unfold mass in *. lra.
Qed.

Lemma massless c : (forall e, In e c -> 0 <= fst e) -> mass c = 0 -> (forall i, place c i = 0) /\ worth c = 0.
Proof.
  induction c as [|e c IH]; intros H E; [split; reflexivity|]. simpl in E.
  assert (0 <= fst e) by (apply H; left; auto).
  assert (0 <= mass c) by (apply mass_nonneg; intros; apply H; right; auto). unfold mass in *.
  destruct IH as (P & W); [intros; apply H; right; auto|lra|]. assert (Z : fst e = 0) by lra.
  split.
  - intros i. change (place (e :: c) i) with (fst e * fst (snd e) i + place c i). rewrite Z, P. ring.
  - change (worth (e :: c)) with (fst e * snd (snd e) + worth c). rewrite Z, W. ring.
Qed.

Lemma jensen d f c : Convex d f -> on_cube d f ->
  (forall e, In e c -> 0 <= fst e /\ cube d (fst (snd e)) /\ f (fst (snd e)) <= snd (snd e)) ->
  0 < mass c -> let y := fun i => place c i / mass c in cube d y /\ mass c * f y <= worth c.
Proof.
  intros K E. induction c as [|e c IH]; intros H P; [simpl in P; lra|].
  destruct (H e (or_introl eq_refl)) as (e0 & ecube & ef).
  assert (H' : forall e, In e c -> 0 <= fst e /\ cube d (fst (snd e)) /\ f (fst (snd e)) <= snd (snd e))
    by (intros; apply H; right; auto).
  assert (N : 0 <= mass c) by (apply mass_nonneg; intros; apply H'; auto).
  assert (Em : mass (e :: c) = fst e + mass c) by reflexivity.
  assert (Ep : forall i, place (e :: c) i = fst e * fst (snd e) i + place c i) by reflexivity.
  assert (Ew : worth (e :: c) = fst e * snd (snd e) + worth c) by reflexivity.
  intros y.
  destruct (Rle_lt_or_eq_dec _ _ N) as [L|Z].
  - destruct (IH H' L) as (Cy & Jy). set (z := fun i => place c i / mass c) in *.
    set (s := fst e / mass (e :: c)). assert (Es : s * mass (e :: c) = fst e) by (unfold s; field; lra).
    assert (Hs : 0 <= s <= 1) by (split; unfold s; [apply Rle_div_iff|apply Rdiv_le_iff]; lra).
    assert (S : same d y (mix s z (fst (snd e)))).
    { intros i _. unfold y, mix, z. rewrite Ep. unfold s. rewrite Em. field. lra. }
    assert (Cm : cube d (mix s z (fst (snd e)))) by (apply mix_in_cube; auto).
    assert (Cy' : cube d y) by (intros i Hi; rewrite (S i Hi); apply Cm, Hi).
    split; auto. rewrite (E y (mix s z (fst (snd e)))); auto. specialize (K z (fst (snd e)) s Cy ecube Hs).
    rewrite Ew.
    assert (mass (e :: c) * f (mix s z (fst (snd e))) <= mass (e :: c) * ((1 - s) * f z + s * f (fst (snd e))))
      by (apply Rmult_le_compat_l; lra).
    replace (mass (e :: c) * ((1 - s) * f z + s * f (fst (snd e)))) with
      ((mass (e :: c) - s * mass (e :: c)) * f z + s * mass (e :: c) * f (fst (snd e))) in H0 by ring.
    rewrite Es, Em in H0. replace (fst e + mass c - fst e) with (mass c) in H0 by ring. rewrite Em. nra.
  - destruct (massless c) as (Pc & Wc); [intros; apply H'; auto|auto|].
    assert (S : same d y (fst (snd e))).
    { intros i _. unfold y. rewrite Ep, Em, Pc, <- Z. field. lra. }
    assert (Cy' : cube d y) by (intros i Hi; rewrite (S i Hi); apply ecube, Hi).
    split; auto. rewrite (E y (fst (snd e))); auto. rewrite Ew, Em, <- Z, Wc. nra.
Qed.

Lemma below_worth d f M l c x : Convex d f -> on_cube d f -> (forall z, cube d z -> f z <= M) -> takes l f ->
  (forall p v, In (p, v) l -> cube d p) -> cube d x -> combines d M l c x -> f x <= worth c.
Proof.
  intros K E R T Cl Hx (O & one & S).
  destruct (jensen d f c K E) as (Cy & J); [|lra|].
  - intros e He. destruct (O e He) as (e0 & [I|(Ce & ->)]).
    + split; auto. split; [apply (Cl _ _ I)|]. rewrite (T _ _ I). lra.
    + split; auto.
  - rewrite one, Rmult_1_l in J. rewrite (E x (fun i => place c i / 1)); auto.
    + intros i Hi. rewrite one in Cy. apply Cy, Hi.
    + intros i Hi. rewrite (S i Hi). field.
Qed.

(** * The infimum of all combinations *)

(** One step of each sum. *)
Lemma mass_cons e c : mass (e :: c) = fst e + mass c.
Proof. reflexivity. Qed.
Lemma place_cons e c i : place (e :: c) i = fst e * fst (snd e) i + place c i.
Proof. reflexivity. Qed.
Lemma worth_cons e c : worth (e :: c) = fst e * snd (snd e) + worth c.
Proof. reflexivity. Qed.

Lemma mass_app c c' : mass (c ++ c') = mass c + mass c'.
Proof. induction c as [|e c IH]; simpl app; [unfold mass; simpl; lra|]. rewrite !mass_cons, IH. ring. Qed.
Lemma place_app c c' i : place (c ++ c') i = place c i + place c' i.
Proof. induction c as [|e c IH]; simpl app; [unfold place; simpl; lra|]. rewrite !place_cons, IH. ring. Qed.
Lemma worth_app c c' : worth (c ++ c') = worth c + worth c'.
Proof. induction c as [|e c IH]; simpl app; [unfold worth; simpl; lra|]. rewrite !worth_cons, IH. ring. Qed.

Definition scaled (s : R) (c : combination) : combination := map (fun e => (s * fst e, snd e)) c.
Lemma scaled_cons s e c : scaled s (e :: c) = (s * fst e, snd e) :: scaled s c.
Proof. reflexivity. Qed.
Lemma mass_scaled s c : mass (scaled s c) = s * mass c.
Proof. induction c as [|e c IH]; [unfold mass; simpl; ring|]. rewrite scaled_cons, !mass_cons, IH. simpl fst. ring. Qed.
Lemma place_scaled s c i : place (scaled s c) i = s * place c i.
Proof.
  induction c as [|e c IH]; [unfold place; simpl; ring|]. rewrite scaled_cons, !place_cons, IH. simpl fst. simpl snd. ring.
Qed.
Lemma worth_scaled s c : worth (scaled s c) = s * worth c.
Proof.
  induction c as [|e c IH]; [unfold worth; simpl; ring|]. rewrite scaled_cons, !worth_cons, IH. simpl fst. simpl snd. ring.
Qed.

Lemma combines_mix d M l s c c' p q : 0 <= s <= 1 -> combines d M l c p -> combines d M l c' q ->
  combines d M l (scaled (1 - s) c ++ scaled s c') (mix s p q).
Proof.
  intros Hs (O & one & S) (O' & one' & S'). split; [|split].
  - intros e He. apply in_app_or in He.
    destruct He as [He|He]; apply in_map_iff in He; destruct He as (e' & <- & He'); simpl.
    + destruct (O e' He'). split; auto. nra.
    + destruct (O' e' He'). split; auto. nra.
  - rewrite mass_app, !mass_scaled, one, one'. ring.
  - intros i Hi. rewrite place_app, !place_scaled, (S i Hi), (S' i Hi). reflexivity.
Qed.

Lemma alone d M l p v : usable d M l p v -> combines d M l [(1, (p, v))] p /\ worth [(1, (p, v))] = v.
Proof.
  intros U. split; [split; [|split]|].
  - intros e [<-|[]]. simpl. split; auto. lra.
  - unfold mass. simpl. ring.
  - intros i _. unfold place. simpl. ring.
  - unfold worth. simpl. ring.
Qed.

Lemma cube_dec d z : {cube d z} + {~ cube d z}.
Proof.
  destruct (below_dec d (fun _ => 0) z) as [L|L]; [destruct (below_dec d z (fun _ => 1)) as [U|U]|].
  - left. intros i Hi. split; [apply L, Hi|apply U, Hi].
  - right. intros C. apply U. intros i Hi. apply C, Hi.
  - right. intros C. apply L. intros i Hi. apply C, Hi.
Qed.

Section Envelope.
Variables (d : nat) (m M : R) (l : list (point * R)).
Hypothesis range : forall p v, In (p, v) l -> cube d p /\ m <= v <= M.
Hypothesis mM : m <= M.
Hypothesis none : undercut_by_none d M l.

Lemma worth_at_least c z : combines d M l c z -> m <= worth c.
Proof.
  intros (O & one & _). rewrite <- (Rmult_1_r m), <- one. clear one. induction c as [|e c IH]; simpl; [lra|].
  destruct (O e (or_introl eq_refl)) as (e0 & U).
  assert (m <= snd (snd e)).
  { destruct U as [I|(_ & ->)]; auto. apply (range (fst (snd e)) (snd (snd e)) I). }
  assert (m * mass c <= worth c) by (apply IH; intros e' He'; apply O; right; auto).
  unfold mass, worth in *. nra.
Qed.

Lemma infimum z : cube d z -> {g | (forall c, combines d M l c z -> g <= worth c) /\
  forall h, (forall c, combines d M l c z -> h <= worth c) -> h <= g}.
Proof.
  intros Hz. destruct (completeness (fun s => exists c, combines d M l c z /\ s = - worth c)) as (s & Up & Least).
  - exists (- m). intros s (c & C & ->). pose proof (worth_at_least c z C). lra.
  - destruct (alone d M l z M) as (C & _); [right; auto|]. eexists. exists [(1, (z, M))]. auto.
  - exists (- s). split.
    + intros c C. assert (- worth c <= s) by (apply Up; exists c; auto). lra.
    + intros h H. assert (s <= - h); [|lra]. apply Least. intros t (c & C & ->). specialize (H c C). lra.
Qed.

Definition envelope (z : point) : R := match cube_dec d z with left H => proj1_sig (infimum z H) | right _ => 0 end.

Lemma envelope_below z c : cube d z -> combines d M l c z -> envelope z <= worth c.
Proof.
  intros Hz C. unfold envelope. destruct (cube_dec d z); [|tauto]. destruct (infimum z c0) as (g & L & G). simpl. auto.
Qed.

Lemma envelope_greatest z h : cube d z -> (forall c, combines d M l c z -> h <= worth c) -> h <= envelope z.
Proof.
  intros Hz H. unfold envelope. destruct (cube_dec d z); [|tauto]. destruct (infimum z c) as (g & L & G). simpl. auto.
Qed.

Lemma combines_same c y z : same d y z -> combines d M l c y -> combines d M l c z.
Proof. intros S (O & one & T). split; auto. split; auto. eapply same_trans; eauto. Qed.

Lemma envelope_same : on_cube d envelope.
Proof.
  intros y z Hy Hz S. apply Rle_antisym; apply envelope_greatest; auto; intros c C; apply envelope_below; auto.
  - apply (combines_same c z y); auto. apply same_sym, S.
  - apply (combines_same c y z); auto.
Qed.

Lemma envelope_convex : Convex d envelope.
Proof.
  intros p q s Hp Hq Hs. pose proof (mix_in_cube d s p q Hs Hp Hq) as Hm.
  assert (B : forall c c', combines d M l c p -> combines d M l c' q ->
    envelope (mix s p q) <= (1 - s) * worth c + s * worth c').
  { intros c c' C C'. eapply Rle_trans; [apply envelope_below; [exact Hm|apply (combines_mix d M l s c c' p q); auto]|].
    rewrite worth_app, !worth_scaled. lra. }
  destruct (Req_EM_T s 0) as [->|s0].
  { rewrite (envelope_same (mix 0 p q) p); auto; [lra|]. intros i _. unfold mix. ring. }
  destruct (Req_EM_T s 1) as [->|s1].
  { rewrite (envelope_same (mix 1 p q) q); auto; [lra|]. intros i _. unfold mix. ring. }
  assert (B' : forall c', combines d M l c' q -> envelope (mix s p q) <= (1 - s) * envelope p + s * worth c').
  { intros c' C'. assert ((envelope (mix s p q) - s * worth c') / (1 - s) <= envelope p).
    - apply envelope_greatest; auto. intros c C. apply Rdiv_le_iff; [lra|]. specialize (B c c' C C'). lra.
    - apply Rdiv_le_iff in H; lra. }
  assert ((envelope (mix s p q) - (1 - s) * envelope p) / s <= envelope q).
  - apply envelope_greatest; auto. intros c C. apply Rdiv_le_iff; [lra|]. specialize (B' c C). lra.
  - apply Rdiv_le_iff in H; lra.
Qed.

Lemma envelope_takes : takes l envelope.
Proof.
  intros p v I. destruct (range p v I) as (Hp & _). apply Rle_antisym.
  - destruct (alone d M l p v (or_introl I)) as (C & <-). apply envelope_below; auto.
  - apply envelope_greatest; auto. intros c C. apply (none p v I c C).
Qed.

Lemma envelope_range z : cube d z -> m <= envelope z <= M.
Proof.
  intros Hz. split.
  - apply envelope_greatest; auto. intros c. apply worth_at_least.
  - destruct (alone d M l z M (or_intror (conj Hz eq_refl))) as (C & <-). apply envelope_below; auto.
Qed.
End Envelope.

(** exemplars-convex, exact: Exemplars for convex functions.

    "f(x) ≤ Σ λ_j·v_j where x = Σ λ_j·z_j, and λ·f(x) ≥ v_i − Σ λ_j·v_j where z_i = λ·x + Σ λ_j·z_j: two linear
    programs. Their values are attained: the infimum over all combinations is a convex function with the values v_j,
    and x joins the exemplars with any value that undercuts none."

    [worth c] is Σ λ_j·v_j. The second bound is in one line with x among the points of a combination: its weight is λ. *)
Theorem exemplars_convex : forall d a b m M l x,
  cube d a -> cube d b -> cube d x -> m <= M -> In (a, m) l -> In (b, M) l ->
  (forall p v, In (p, v) l -> cube d p /\ m <= v <= M) ->
  let C := fun f => Convex d f /\ takes l f in
  (forall f, member d C a b m M f ->
    (forall c, combines d M l c x -> f x <= worth c) /\
    (forall z v lam c, In (z, v) l -> 0 <= lam -> of d M l c -> lam + mass c = 1 ->
      (forall i, (i < d)%nat -> z i = lam * x i + place c i) -> lam * f x >= v - worth c)) /\
  (undercut_by_none d M l -> exists g, Convex d g /\ takes l g /\
    forall z, cube d z -> (forall c, combines d M l c z -> g z <= worth c) /\
      forall h, (forall c, combines d M l c z -> h <= worth c) -> h <= g z) /\
  (forall v, possible d C a b m M x v <-> m <= v <= M /\ undercut_by_none d M ((x, v) :: l)).
Proof.
  intros d a b m M l x Ha Hb Hx mM Ia Ib range C. split; [|split].
  - intros f (E & (K & T) & _ & _ & _ & _ & R). split.
    + intros c Cc. apply (below_worth d f M l c x); auto; [intros z Hz; apply R, Hz|intros p v I; apply (range p v I)].
    + intros z v lam c I Hl O one S. destruct (range z v I) as (Hz & _).
      destruct (jensen d f ((lam, (x, f x)) :: c) K E) as (Cy & J).
      * intros e [<-|He]; simpl; [split; auto; split; auto; lra|].
        destruct (O e He) as (e0 & [Ie|(Ce & ->)]).
        -- split; auto. split; [apply (range _ _ Ie)|]. rewrite (T _ _ Ie). lra.
        -- split; auto. split; auto. apply R, Ce.
      * change (0 < lam + mass c). lra.
      * change (mass ((lam, (x, f x)) :: c)) with (lam + mass c) in *. rewrite one in *.
        change (worth ((lam, (x, f x)) :: c)) with (lam * f x + worth c) in J.
        rewrite <- (T z v I), (E z (fun i => place ((lam, (x, f x)) :: c) i / 1)); auto; [lra|].
        intros i Hi. rewrite (S i Hi). change (place ((lam, (x, f x)) :: c) i) with (lam * x i + place c i). field.
  - intros none. exists (envelope d m M l range mM). split; [apply envelope_convex|].
    split; [apply envelope_takes; auto|]. intros z Hz. split.
    + intros c Cc. apply envelope_below; auto.
    + intros h H. apply envelope_greatest; auto.
  - intros v. split.
    + intros P. pose proof (possible_in_range _ _ _ _ _ _ _ _ Hx P) as Hv. split; auto.
      destruct P as (f & (E & (K & T) & _ & _ & _ & _ & R) & fx).
      assert (T' : takes ((x, v) :: l) f) by (intros p u [Q|I]; [injection Q as <- <-; exact fx|auto]).
      assert (Cl : forall p u, In (p, u) ((x, v) :: l) -> cube d p).
      { intros p u [Q|I]; [injection Q as <- <-; exact Hx|apply (range p u I)]. }
      intros p u I c Cc. rewrite <- (T' p u I).
      apply (below_worth d f M ((x, v) :: l) c p); auto; [intros z Hz; apply R, Hz|apply (Cl p u I)].
    + intros (Hv & none).
      assert (range' : forall p u, In (p, u) ((x, v) :: l) -> cube d p /\ m <= u <= M).
      { intros p u [Q|I]; [injection Q as <- <-; auto|apply (range p u I)]. }
      set (g := envelope d m M ((x, v) :: l) range' mM).
      assert (T : takes ((x, v) :: l) g) by (apply envelope_takes; auto).
      exists g. split; [|apply T; left; auto]. split; [apply envelope_same|]. split.
      * split; [apply envelope_convex|]. intros p u I. apply T. right. exact I.
      * split; auto. split; auto. split; [apply T; right; exact Ia|]. split; [apply T; right; exact Ib|].
        intros z Hz. apply envelope_range, Hz.
Qed.

Print Assumptions exemplars_convex.
