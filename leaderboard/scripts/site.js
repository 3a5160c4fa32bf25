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

  // Orders that DataTables has not: numbers with what is not measured last in both directions, and text with numbers in it.
  const plain = (html) => String(html).replace(/<[^>]*>/g, "").trim();
  const known = (html) => {
    const number = Number.parseFloat(plain(html));
    return Number.isNaN(number) ? null : number;
  };
  const lastWithout = (compare) => (a, b) => (a === null || b === null ? (a === null) - (b === null) : compare(a, b));
  const natural = (a, b) => a.localeCompare(b, "en", { numeric: true });
  if (window.DataTable) {
    DataTable.type("number", { order: { pre: known, asc: lastWithout((a, b) => a - b), desc: lastWithout((a, b) => b - a) } });
    DataTable.type("words", { order: { pre: plain, asc: natural, desc: (a, b) => natural(b, a) } });
  }
  const typeOf = (element, place) => {
    const row = element.tBodies[0].rows[0];
    const isWords = element.tHead.rows[0].cells[place].classList.contains("text") && (!row || row.cells[place].dataset.order === undefined);
    return { targets: place, type: isWords ? "words" : "number" };
  };

  // A table that sorts; `key=column:direction` of the address decides the order, `key` being the table's own.
  const sortable = (element, options = {}) => {
    const key = element.dataset.sortable || "sort";
    const head = [...element.tHead.rows[0].cells];
    const names = head.map((cell) => cell.dataset.name);
    const asked = () => {
      const [name, direction] = (read().get(key) || "").split(":");
      const place = names.indexOf(name);
      return place < 0 ? [] : [[place, direction === "asc" ? "asc" : "desc"]];
    };
    const table = new DataTable(element, {
      paging: false, info: false, autoWidth: false, order: asked(),
      layout: { topStart: null, topEnd: null, bottomStart: null, bottomEnd: null },
      columnDefs: [
        { targets: names.flatMap((_, place) => (head[place].dataset.first === "desc" ? [place] : [])), orderSequence: ["desc", "asc"] },
        ...names.map((_, place) => typeOf(element, place)),
      ],
      language: { emptyTable: "Nothing here.", zeroRecords: "Nothing matches these filters." },
      ...options,
    });
    table.on("order", () => {
      const order = table.order()[0];
      const chosen = Array.isArray(order) ? order : [];
      update({ [key]: chosen.length ? `${names[chosen[0]]}:${chosen[1]}` : "" });
    });
    window.addEventListener("hashchange", () => table.order(asked()).draw());
    return { table, names };
  };

  // Numbers as the pages print them: rounded to the even digit where they lie exactly between two.
  const number = (value, sign = false) => {
    if (value === null || Number.isNaN(value)) return "–";
    const scaled = 100 * Number(value.toFixed(9));
    const isTie = Number.isInteger(4 * scaled) && !Number.isInteger(2 * scaled);
    const below = Math.floor(10 * scaled);
    const text = isTie ? ((below + (below % 2 ? 1 : 0)) / 10).toFixed(1) : scaled.toFixed(1);
    if (Number(text) === 0) return "0.0";
    return sign && scaled > 0 ? `+${text}` : text;
  };
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
  // A jump to #main would take the place of the state in the address.
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("main").focus();
  });
});
