// The viewer: all examples of a language as one table, with the answers of one system and filters, kept in the address.
"use strict";
document.addEventListener("DOMContentLoaded", async () => {
  const data = window.xbenchExamples;
  const form = document.getElementById("viewer");
  if (!data || !form) return;
  const status = document.getElementById("status");
  const fields = form.elements;
  const gold = (index) => data.golds[data.gold ? data.gold[index] : index];
  const NONE = "(none of the labels)";
  const MOST_CHOICES = 60;
  const LENGTH = 50;
  let system = data.systems[0];
  // The answers lie in files of a size that a browser likes; the first is a part of the page.
  const load = (one) => new Promise((done) => {
    const known = () => window.xbenchAnswers?.[one.key];
    if (known()) return done({ ...one, ...known() });
    const script = document.createElement("script");
    script.src = `${data.name}-answers-${one.file}.js`;
    script.onload = () => done({ ...one, ...known() });
    script.onerror = () => { status.textContent = `The answers of ${one.label} could not be read (${script.src}).`; };
    document.head.appendChild(script);
  });

  const option = (select, value, text) => {
    const element = document.createElement("option");
    element.value = value;
    element.textContent = text;
    select.appendChild(element);
  };
  // Choices are texts, not places in lists, which differ by language and system: a link keeps its meaning, also where it
  // asks for what is not there.
  const fill = (select, texts, wanted = select.value) => {
    select.length = 1;
    const choices = wanted && !texts.includes(wanted) ? [...texts, wanted] : texts;
    for (const text of choices) option(select, text, text);
    select.value = wanted;
    select.disabled = !choices.length;
  };
  for (const [letter, title] of Object.entries(data.groups)) {
    const own = data.systems.filter((one) => one.group === letter);
    if (!own.length) continue;
    const group = document.createElement("optgroup");
    group.label = `${letter} ${title}`;
    fields.system.appendChild(group);
    for (const one of own) option(group, one.key, one.label);
  }
  const few = (texts) => (texts.length <= MOST_CHOICES ? [...new Set(texts)] : []);
  const golds = () => (data.gold && data.showsAnswers ? few(data.golds) : []);
  const answers = () => (data.showsAnswers ? few([...system.texts, ...(system.codes.some((code) => code < 0) ? [NONE] : [])]) : []);
  const buckets = () => Object.entries(data.buckets).flatMap(([name, one]) => one.names.map((bucket) => `${name} ${bucket}`));
  const isIn = (index, wanted) => Object.entries(data.buckets).some(([name, one]) => wanted === `${name} ${one.names[one.codes[index]]}`);

  const cell = (kind, text, name = "") => {
    const element = document.createElement(kind);
    if (name) element.className = name;
    const inner = element.appendChild(document.createElement("bdi"));
    inner.dir = "auto";
    inner.textContent = text;
    return element;
  };
  const answer = (index) => (!data.showsAnswers ? "" : system.codes[index] < 0 ? NONE : system.texts[system.codes[index]]);
  const mark = (index) => (system.right[index] === system.seeds ? "right" : system.right[index] === 0 ? "wrong" : "mixed");
  const language = document.documentElement;
  const render = {
    example: (index) => {
      const box = document.createElement("div");
      box.lang = data.language;
      data.names.forEach((name, place) => {
        const line = box.appendChild(cell("div", data.fields[index][place], "field"));
        const label = document.createElement("span");
        label.className = "name";
        label.textContent = `${name} `;
        line.prepend(label);
      });
      box.appendChild(cell("span", data.ids[index], "note"));
      return box;
    },
    right: (index) => {
      const box = document.createElement("span");
      box.className = mark(index);
      box.textContent = system.values ? `${xbench.number(system.values[index])}` : `${system.right[index]} of ${system.seeds}`;
      return box;
    },
  };
  const plain = (index) => [data.ids[index], ...(data.fields[index] || [])].join(" ");
  const has = (index, words) => {
    const text = `${plain(index)} ${gold(index)} ${answer(index)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };

  const element = document.getElementById("examples");
  element.tBodies[0].textContent = "";
  element.closest(".wide").setAttribute("aria-label", "Examples");
  document.getElementById("examples-say").textContent = "Answers are those of the system's first seed; right: in how many seeds, or the metric's mean over seeds.";
  const heads = [...element.tHead.rows[0].cells];
  if (data.showsAnswers) {
    heads[2].textContent = "Answer";
    heads[2].title = "The answer of the first seed";
  }
  heads[heads.length - 1].title = "In how many seeds the answer is right, or the mean over seeds of the task's metric";
  document.getElementById("parts")?.remove();
  form.hidden = false;
  const names = data.showsAnswers ? ["example", "gold", "answer", "right"] : ["example", "right"];
  const order = () => {
    const [name, direction] = (xbench.read().get("sort") || "").split(":");
    return names.includes(name) ? [[names.indexOf(name), direction === "asc" ? "asc" : "desc"]] : [];
  };
  system = await load(data.systems[0]);
  const table = new DataTable(element, {
    data: data.ids.map((_, index) => index),
    autoWidth: false, info: false, pageLength: LENGTH, order: order(), deferRender: true,
    columnDefs: names.map((name, place) => ({ targets: place, type: name === "right" ? "number" : "words" })),
    layout: { topStart: null, topEnd: null, bottomStart: null, bottomEnd: { paging: { buttons: 5 } } },
    language: { zeroRecords: "Nothing matches these filters.", emptyTable: "Nothing here." },
    columns: [
      { name: "example", data: (index) => index, className: "text prose", cellType: "th", render: (index, type) => (type === "display" ? render.example(index) : plain(index)) },
      { name: "gold", data: (index) => index, className: "text prose", render: (index, type) => (type === "display" ? cell("div", gold(index)) : gold(index)) },
      { name: "answer", data: (index) => index, className: "text prose", render: (index, type) => (type === "display" ? cell("div", answer(index)) : answer(index)) },
      { name: "right", data: (index) => index, render: (index, type) => (type === "display" ? render.right(index) : system.values ? system.values[index] : system.right[index] / system.seeds) },
    ].filter((column) => names.includes(column.name)),
    createdRow: (row) => row.cells[0].setAttribute("scope", "row"),
  });

  const chosen = () => data.systems.find((one) => one.key === fields.system.value) || data.systems[0];
  const apply = () => {
    fill(fields.answer, answers());
    table.rows().invalidate("data");
    const state = Object.fromEntries(["show", "gold", "answer", "bucket"].map((name) => [name, fields[name].value]));
    const words = fields.q.value.toLowerCase().split(/\s+/).filter(Boolean);
    table.search.fixed("filters", (text, row, index) =>
      (!state.show || mark(index) === state.show) &&
      (!state.gold || gold(index) === state.gold) &&
      (!state.answer || answer(index) === state.answer) &&
      (!state.bucket || isIn(index, state.bucket)) &&
      (!words.length || has(index, words)));
    table.draw();
    status.textContent = `${table.rows({ search: "applied" }).count()} of ${data.ids.length} examples shown.`;
    xbench.update({ ...state, system: fields.system.value === data.systems[0].key ? "" : fields.system.value, q: fields.q.value, page: table.page() ? String(table.page() + 1) : "" });
  };
  table.on("page", () => xbench.update({ page: table.page() ? String(table.page() + 1) : "" }));
  table.on("order", () => {
    const column = table.order().filter(Array.isArray)[0];
    xbench.update({ sort: column ? `${names[column[0]]}:${column[1]}` : "" });
  });
  const restore = async () => {
    const state = xbench.read();
    fields.system.value = state.get("system") || data.systems[0].key;
    if (!fields.system.value) fields.system.value = data.systems[0].key;
    system = await load(chosen());
    fill(fields.gold, golds(), state.get("gold") || "");
    fill(fields.answer, answers(), state.get("answer") || "");
    fill(fields.bucket, buckets(), state.get("bucket") || "");
    for (const name of ["show", "q"]) fields[name].value = state.get(name) || "";
    if (!fields.show.value) fields.show.value = "";
    table.order(order());
    const page = Number(state.get("page") || 1);
    apply();
    if (page > 1) table.page(page - 1).draw("page");
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", async () => {
    system = await load(chosen());
    if (system.key === chosen().key) apply();  // another may have been chosen meanwhile
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();  // the system stays
    for (const name of ["show", "gold", "answer", "bucket", "q"]) fields[name].value = "";
    table.order([]);
    apply();
    xbench.update({ sort: "" });
  });
  // Another language shows the same view, from its first example.
  document.getElementById("languages")?.addEventListener("click", (event) => {
    const state = xbench.read();
    state.delete("page");
    if (event.target.href) event.target.hash = state.toString();
  });
  window.addEventListener("hashchange", restore);
  const first = Number(element.dataset.first) - 1;
  if (first >= LENGTH && !xbench.read().get("page")) xbench.update({ page: String(1 + Math.floor(first / LENGTH)) });
  await restore();
  language.dataset.ready = "1";
});
