// What every page's script needs: the state of a view in the address, and tables that sort.
"use strict";
const xbench = (() => {
  // The state lies behind the #, since pages opened from disk may change nothing else of their address.
  const read = () => new URLSearchParams(location.hash.slice(1).includes("=") ? location.hash.slice(1) : "");
  const write = (state) => {
    for (const [key, value] of [...state]) if (value === "") state.delete(key);
    const text = state.toString();
    if (text === read().toString()) return;
    history.replaceState(null, "", text ? `#${text}` : "#all");
  };
  const update = (changes) => {
    const state = read();
    for (const [key, value] of Object.entries(changes)) value ? state.set(key, value) : state.delete(key);
    write(state);
  };
  // A table that sorts; `sort=column:direction` of the address decides the order.
  const sortable = (element, options = {}) => {
    const head = [...element.tHead.rows[element.tHead.rows.length - 1].cells];
    const names = head.map((cell) => cell.dataset.name);
    const [name, direction] = (read().get("sort") || "").split(":");
    const place = names.indexOf(name);
    const table = new DataTable(element, {
      paging: false, info: false, autoWidth: false, order: place < 0 ? [] : [[place, direction === "asc" ? "asc" : "desc"]],
      layout: { topStart: null, topEnd: null, bottomStart: null, bottomEnd: null },
      columnDefs: [{ targets: names.flatMap((_, i) => (head[i].dataset.first === "desc" ? [i] : [])), orderSequence: ["desc", "asc"] }],
      language: { emptyTable: "Nothing here.", zeroRecords: "Nothing matches these filters." },
      ...options,
    });
    table.on("order", () => {
      const order = table.order()[0];
      const chosen = Array.isArray(order) ? order : [];
      update({ sort: chosen.length ? `${names[chosen[0]]}:${chosen[1]}` : "" });
    });
    return { table, names };
  };
  const number = (value) => (value === null || Number.isNaN(value) ? "–" : (100 * value).toFixed(1).replace(/^-0\.0$/, "0.0"));
  const mean = (values) => (values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null);
  const deviation = (values) => {
    if (values.length < 2) return null;
    const centre = mean(values);
    return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
  };
  return { read, write, update, sortable, number, mean, deviation };
})();

document.addEventListener("DOMContentLoaded", () => {
  for (const element of document.querySelectorAll("table[data-sortable]")) xbench.sortable(element);
});
