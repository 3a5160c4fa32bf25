// The board: filters, search, hidden columns and means over chosen languages, all kept in the address.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const element = document.getElementById("systems");
  if (!element) return;
  const values = JSON.parse(document.getElementById("values").textContent);
  const form = document.getElementById("filters");
  const status = document.getElementById("status");
  const rows = [...element.tBodies[0].rows];
  const original = new Map(rows.map((row) => [row, [...row.cells].map((cell) => [cell.innerHTML, cell.dataset.order])]));
  const { table, names } = xbench.sortable(element);
  const at = (name) => names.indexOf(name);
  const attributes = ["method", "model", "shots", "setting", "data"];
  form.hidden = false;

  const chosen = () => {
    const data = new FormData(form);
    const found = Object.fromEntries(["task", "language", "family", "q", "published", ...attributes].map((name) => [name, data.get(name) || ""]));
    found.hide = [...form.querySelectorAll("[name=column]")].filter((box) => !box.checked).map((box) => box.value).join(",");
    return found;
  };

  const put = (row, name, text, order, spread = "") => {
    const place = at(name);
    if (place < 0) return;
    const cell = table.cell(row, place).node();
    cell.textContent = "";
    const shown = cell.appendChild(document.createElement("span"));
    shown.className = "mean";
    shown.textContent = text;
    if (spread) {
      const small = cell.appendChild(document.createElement("span"));
      small.className = "spread";
      small.textContent = ` ±${spread}`;
    }
    cell.dataset.order = order ?? "";
  };

  // Means over the chosen tasks and languages, by seed. A language's tasks are averaged first, as in the full table; the
  // source is averaged over the same pairs of task and language, so that it and the targets differ by the gap.
  const scores = (system, tasks, keep) => {
    const measured = tasks.filter((task) => system[task]);
    const bySeed = (seed, ofSource) => {
      const languages = new Map();
      for (const task of measured) {
        const own = system[task];
        const line = own.values[own.seeds.indexOf(seed)];
        own.languages.forEach((language, place) => {
          if (language === own.source || !keep(language)) return;
          if (!languages.has(language)) languages.set(language, []);
          languages.get(language).push(ofSource ? line[own.languages.indexOf(own.source)] ?? null : line[place]);
        });
      }
      const parts = [...languages.values()];
      return parts.length && !parts.flat().includes(null) ? xbench.mean(parts.map(xbench.mean)) : null;
    };
    const seeds = measured.length ? system[measured[0]].seeds.filter((seed) => measured.every((task) => system[task].seeds.includes(seed))) : [];
    const over = (ofSource) => seeds.map((seed) => bySeed(seed, ofSource)).filter((value) => value !== null);
    const targets = over(false);
    return { targets: xbench.mean(targets), spread: xbench.deviation(targets), source: xbench.mean(over(true)) };
  };

  const kept = (filter, language) =>
    (!filter.language || language === filter.language) && (!filter.family || values.families[language] === filter.family);

  // Whether a published row has a number for the chosen languages; all have one where none is chosen.
  const printed = (filter, scores) => !(filter.language || filter.family) || scores.languages.some((language) => kept(filter, language));

  const recompute = (filter) => {
    const narrowed = filter.language || filter.family;
    const keep = (language) => kept(filter, language);
    for (const row of rows) {  // those of published numbers too, as one seed
      original.get(row).forEach(([html, order], place) => {
        const cell = table.cell(row, place).node();
        if (cell.innerHTML !== html) cell.innerHTML = html;
        if (order === undefined) delete cell.dataset.order; else cell.dataset.order = order;
      });
      const system = values.systems[row.dataset.key];
      if (!system || !(narrowed || filter.task)) continue;
      const tasks = filter.task ? [filter.task] : Object.keys(system.tasks);
      const found = scores(system.tasks, tasks, keep);
      const gap = found.source === null || found.targets === null ? null : found.source - found.targets;
      put(row, "targets", xbench.number(found.targets), found.targets, found.spread === null ? "" : xbench.number(found.spread));
      put(row, "source", xbench.number(found.source), found.source);
      put(row, "gap", gap === null ? "–" : (gap > 0 ? "+" : "") + xbench.number(gap), gap);
      const ranked = !narrowed && filter.task ? system.ranks[filter.task] : null;
      put(row, "rank", ranked ? ranked.text : "–", ranked ? ranked.order : "");
      put(row, "mean-rank", ranked ? ranked.mean.toFixed(2) : "–", ranked ? ranked.mean : "");
      for (const task of Object.keys(values.tasks)) {
        const one = scores(system.tasks, [task], keep);
        if (narrowed) put(row, `task-${task}`, xbench.number(one.targets), one.targets, one.spread === null ? "" : xbench.number(one.spread));
      }
    }
    table.rows().invalidate("dom");
    return narrowed ? "Means are over the chosen languages; ranks are over all languages of a group, and not shown. " : filter.task ? `Ranks, means, source and gap are those of ${filter.task}. ` : "";
  };

  const apply = () => {
    const filter = chosen();
    const said = recompute(filter);
    const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean);
    table.search.fixed("filters", (text, data, index) => {
      const row = table.row(index).node();
      const system = values.systems[row.dataset.key];
      if (row.dataset.published && !(filter.published && printed(filter, system.tasks[row.dataset.task]))) return false;
      if (!attributes.every((name) => !filter[name] || row.dataset[name] === filter[name])) return false;
      const shownText = row.textContent.toLowerCase();
      if (!words.every((word) => shownText.includes(word))) return false;
      return !filter.task || Boolean(system && system.tasks[filter.task]);
    });
    const hidden = filter.hide.split(",");
    names.forEach((name, place) => table.column(place).visible(!hidden.includes(name) && !(filter.task && name.startsWith("task-")), false));
    table.draw();
    const shown = table.rows({ search: "applied" }).nodes().toArray().filter((row) => !row.dataset.published).length;
    const all = rows.filter((row) => !row.dataset.published).length;
    status.textContent = `${said}${shown} of ${all} systems shown.`;
    xbench.update(filter);
  };

  const restore = () => {
    const state = xbench.read();
    for (const name of ["task", "language", "family", "q", ...attributes]) {
      const field = form.elements[name];
      if (field) field.value = state.get(name) || "";
      if (field && field.value !== (state.get(name) || "")) field.value = "";
    }
    if (form.elements.published) form.elements.published.checked = state.get("published") === "1";
    const hidden = (state.get("hide") || "").split(",");
    for (const box of form.querySelectorAll("[name=column]")) box.checked = !hidden.includes(box.value);
    const [name, direction] = (state.get("sort") || "").split(":");
    if (at(name) >= 0) table.order([[at(name), direction === "asc" ? "asc" : "desc"]]);
    apply();
  };

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(() => { table.order([]); apply(); xbench.update({ sort: "" }); }));
  window.addEventListener("hashchange", () => { if (location.hash !== "#main") restore(); });
  restore();
  document.documentElement.dataset.ready = "1";
});
