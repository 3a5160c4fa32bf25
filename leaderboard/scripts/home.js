// The board: filters, search, hidden columns and means over chosen languages, all kept in the address.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const element = document.getElementById("systems");
  if (!element) return;
  const values = JSON.parse(document.getElementById("values").textContent);
  const form = document.getElementById("filters");
  const status = document.getElementById("status");
  const rows = [...element.tBodies[0].rows];
  for (const row of rows) row.hidden = false;  // published numbers: from here on the filters decide
  const { table, names } = xbench.sortable(element);
  const attributes = ["method", "model", "shots", "setting", "data"];
  form.hidden = false;
  const shown = names.map(() => true);  // columns

  const chosen = () => {
    const data = new FormData(form);
    const found = Object.fromEntries(["task", "language", "family", "q", "published", ...attributes].map((name) => [name, data.get(name) || ""]));
    found.hide = [...form.querySelectorAll("[name=column]")].filter((box) => !box.checked).map((box) => box.value).join(",");
    return found;
  };

  // By row, every column's cell as the page came with it; read when a filter first changes what cells say.
  let original = null;
  const read = (row) => names.map((_, place) => {
    const cell = table.cell(row, place).node();
    return { cell, html: cell.innerHTML, order: cell.dataset.order };
  });
  const cellOf = (row, name) => original.get(row)[names.indexOf(name)].cell;

  const add = (parent, kind, text) => {
    const element = parent.appendChild(document.createElement("span"));
    element.className = kind;
    element.textContent = text;
    return element;
  };

  const set = (row, name, text, order) => {
    const cell = cellOf(row, name);
    cell.textContent = text;
    cell.dataset.order = order ?? "";
    return cell;
  };

  // `found` is {mean, spread, bounds}: fractions, null where there is none.
  const put = (row, name, found, sign = false, mark = "") => {
    const cell = set(row, name, xbench.number(found.mean, sign) + (found.mean === null ? "" : mark), found.mean);
    if (found.spread !== null) add(cell, "spread", ` ±${xbench.number(found.spread)}`);
    if (found.bounds) add(cell, "bounds", found.bounds.map((bound) => xbench.number(bound, sign)).join(" to "));
    return found.mean === null ? [] : [{ cell, ...found }];
  };

  // Draws dots and intervals of a column on one line, as the page does for the full table.
  const draw = (cells) => {
    const ends = cells.flatMap((one) => [one.mean, ...(one.bounds || [])]);
    const [low, high] = [Math.min(...ends), Math.max(...ends)];
    const place = (value) => (high > low ? (value - low) / (high - low) : 0.5);
    for (const one of cells) {
      const line = add(one.cell, "range", "");
      const [from, to] = one.bounds || [one.mean, one.mean];
      line.style.setProperty("--at", place(one.mean).toFixed(4));
      line.style.setProperty("--low", place(from).toFixed(4));
      line.style.setProperty("--high", place(to).toFixed(4));
    }
  };

  const ofSeeds = (numbers) => {
    const kept = numbers.filter((value) => value !== null);
    return { mean: xbench.mean(kept), spread: xbench.deviation(kept), bounds: null };
  };

  // Means over the chosen tasks and languages, by seed. A language's tasks are averaged first, as in the full table; the
  // source is averaged over the same pairs of task and language, so that it and the targets differ by the gap. Where no
  // target is chosen but the source is, there is only the source.
  const scores = (system, tasks, keep) => {
    const measured = tasks.filter((task) => system[task]);
    const pairs = measured.flatMap((task) => system[task].languages.filter((one) => one !== system[task].source && keep(one)).map((one) => [task, one]));
    const isSource = !pairs.length && measured.some((task) => keep(system[task].source));
    const taken = isSource ? measured.map((task) => [task, system[task].source]) : pairs;
    const bySeed = (seed, ofSource) => {
      const languages = new Map();
      for (const [task, language] of taken) {
        const own = system[task];
        const value = own.values[own.seeds.indexOf(seed)][own.languages.indexOf(ofSource ? own.source : language)] ?? null;
        languages.set(language, [...(languages.get(language) || []), value]);
      }
      const parts = [...languages.values()];
      return parts.length && !parts.flat().includes(null) ? xbench.mean(parts.map(xbench.mean)) : null;
    };
    const used = [...new Set(taken.map(([task]) => task))];
    const seeds = used.length ? system[used[0]].seeds.filter((seed) => used.every((task) => system[task].seeds.includes(seed))) : [];
    const targets = seeds.map((seed) => (isSource ? null : bySeed(seed, false)));
    const sources = seeds.map((seed) => bySeed(seed, true));
    const gaps = seeds.map((_, place) => (targets[place] === null || sources[place] === null ? null : sources[place] - targets[place]));
    return { isSource, targets: ofSeeds(targets), source: ofSeeds(sources), gap: ofSeeds(gaps) };
  };

  const kept = (filter, language) =>
    (!filter.language || language === filter.language) && (!filter.family || values.families[language] === filter.family);

  // Whether a published row has a number for the chosen languages; all have one where none is chosen.
  const printed = (filter, scores) => !(filter.language || filter.family) || scores.languages.some((language) => kept(filter, language));

  const said = (filter, narrowed, ofSource) => {
    if (!narrowed) return filter.task ? `Ranks, means, source and gap are those of ${filter.task}. ` : "";
    const text = "Means are over the chosen languages. Ranks and intervals are over all languages, and not shown. ";
    return ofSource ? `${text}Systems that were trained on this language have no target here: their score in it stands under Source and under each task. ` : text;
  };

  const recompute = (filter) => {
    const narrowed = filter.language || filter.family;
    document.getElementById("intervals-say").hidden = Boolean(narrowed);
    if (!original && !narrowed && !filter.task) return said(filter, narrowed, false);
    original ||= new Map(rows.map((row) => [row, read(row)]));
    const keep = (language) => kept(filter, language);
    const drawn = { targets: [], gap: [] };
    let ofSource = false;
    for (const row of rows) {  // those of published numbers too, as one seed
      original.get(row).forEach(({ cell, html, order }) => {
        if (cell.innerHTML !== html) cell.innerHTML = html;
        if (order === undefined) delete cell.dataset.order; else cell.dataset.order = order;
      });
      const system = values.systems[row.dataset.key];
      if (!system || !(narrowed || filter.task)) continue;
      const tasks = filter.task ? [filter.task] : Object.keys(system.tasks);
      const found = scores(system.tasks, tasks, keep);
      const known = !narrowed && filter.task ? system.tasks[filter.task] || {} : {};
      ofSource ||= found.isSource;
      drawn.targets.push(...put(row, "targets", { ...found.targets, bounds: known.interval || null }));
      put(row, "source", found.source);
      const isAdapted = tasks.some((task) => system.tasks[task]?.adapted);
      drawn.gap.push(...put(row, "gap", { ...found.gap, bounds: known.gap || null }, true, isAdapted ? values.mark : ""));
      const ranked = !narrowed && filter.task ? system.ranks[filter.task] : null;
      set(row, "rank", ranked ? ranked.text : "–", ranked?.order);
      set(row, "mean-rank", ranked ? ranked.mean.toFixed(2) : "–", ranked?.mean);
      for (const name of narrowed ? names.filter((name) => name.startsWith("task-")) : []) {
        const one = scores(system.tasks, [name.slice("task-".length)], keep);
        (drawn[name] ||= []).push(...put(row, name, one.isSource ? one.source : one.targets));
      }
    }
    for (const cells of Object.values(drawn)) draw(cells);
    table.rows().invalidate("dom");
    return said(filter, narrowed, ofSource);
  };

  const apply = () => {
    const filter = chosen();
    const said = recompute(filter);
    const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean);
    table.search.fixed("filters", (text, data, index) => {
      const row = rows[index];
      const system = values.systems[row.dataset.key];
      if (row.dataset.published && !(filter.published && printed(filter, system.tasks[row.dataset.task]))) return false;
      if (!attributes.every((name) => !filter[name] || row.dataset[name] === filter[name])) return false;
      const shownText = words.length ? row.textContent.toLowerCase() : "";
      if (!words.every((word) => shownText.includes(word))) return false;
      return !filter.task || Boolean(system && system.tasks[filter.task]);
    });
    const hidden = filter.hide.split(",");
    names.forEach((name, place) => {
      const isShown = !hidden.includes(name) && !(filter.task && name.startsWith("task-"));
      if (isShown !== shown[place]) table.column(place).visible(isShown, false);  // draws the whole head, also for nothing new
      shown[place] = isShown;
    });
    table.draw();
    const left = table.rows({ search: "applied" }).nodes().toArray().filter((row) => !row.dataset.published).length;
    const all = rows.filter((row) => !row.dataset.published).length;
    status.textContent = `${said}${left} of ${all} systems shown.`;
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
    apply();
  };

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(() => { table.order([]); apply(); xbench.update({ sort: "" }); }));
  window.addEventListener("hashchange", restore);
  restore();
  document.documentElement.dataset.ready = "1";
});
