// Finds, filters and orders the cards; the page says the same without it.
(() => {
  const tools = document.querySelector(".tools"), grid = document.querySelector(".units");
  if (!tools || !grid) return;
  const cards = [...grid.querySelectorAll(".card")], at = name => tools.elements[name];
  const number = text => (text === "" || Number.isNaN(Number(text)) ? -Infinity : Number(text));
  const update = () => {
    const words = at("find").value.trim().toLowerCase(), key = at("order").value;
    let shown = 0;
    for (const card of cards) {
      const name = card.querySelector("h3").textContent.toLowerCase();
      const fits = name.includes(words) && ["layer", "verdict"].every(
        part => !at(part) || !at(part).value || card.dataset[part] === at(part).value);
      card.hidden = !fits;
      shown += fits;
    }
    const sign = key === "place" ? 1 : -1;
    cards.sort((a, b) => sign * (number(a.dataset[key]) - number(b.dataset[key])) || a.dataset.place - b.dataset.place);
    grid.append(...cards);
    at("count").value = `${shown} of ${cards.length} units`;
  };
  tools.addEventListener("input", update);
  tools.addEventListener("submit", event => event.preventDefault());
  at("fold").addEventListener("click", () => {
    const open = cards.some(card => card.open);
    cards.forEach(card => { card.open = !open; });
    at("fold").textContent = open ? "Unfold all" : "Fold all";
  });
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    const card = target.closest("details");
    if (card) card.open = true;
    if (target.hidden) { tools.reset(); update(); }
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  addEventListener("beforeprint", () => cards.forEach(card => { card.open = true; }));
  tools.hidden = false;
  update();
  reveal();
})();
