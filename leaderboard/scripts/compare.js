// Two systems to choose: their page where there is one, else the commands that make it.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("choose");
  if (!form) return;
  const data = JSON.parse(document.getElementById("pairs").textContent);
  const out = document.getElementById("chosen");
  form.hidden = false;
  const add = (tag, text) => {
    const element = out.appendChild(document.createElement(tag));
    element.textContent = text;
    return element;
  };
  const code = (text) => {
    const element = add("pre", "");
    element.tabIndex = 0;
    element.appendChild(document.createElement("code")).textContent = text;
  };
  const show = () => {
    const keys = [form.elements.first.value, form.elements.second.value];
    out.textContent = "";
    const [first, second] = keys.map((key) => data.systems[key]);
    if (!first || !second) return;
    if (keys[0] === keys[1]) return void add("p", "Choose two different systems.");
    if (first.group !== second.group) {
      return void add("p", `They cannot be compared: ${first.label} is in group ${first.group} (${data.groups[first.group].title}), ${second.label} in ${second.group} (${data.groups[second.group].title}).`);
    }
    const page = data.pages[`${keys[0]} ${keys[1]}`] || data.pages[`${keys[1]} ${keys[0]}`];
    if (page) {
      const link = add("p", "").appendChild(document.createElement("a"));
      link.href = page;
      link.textContent = `${first.label} and ${second.label}`;
      return;
    }
    const tasks = first.tasks.filter((task) => second.tasks.includes(task));
    if (!tasks.length) return void add("p", "They have no task in common.");
    add("p", "This pair has no page yet. This command builds the site with it:");
    const pair = [first, second].map((one) => one.label).join(",");
    code(`${out.dataset.command} --pair '${pair.replaceAll("'", "'\\''")}'`);
    add("p", "These show the same without the site:");
    code(tasks.map((task) => `xbench diagnose ${first.argument} ${second.argument} --task ${task} ${data.groups[first.group].filters}`).join("\n"));
  };
  const restore = () => {
    const state = xbench.read();
    for (const name of ["first", "second"]) form.elements[name].value = data.systems[state.get(name)] ? state.get(name) : "";
    show();
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    show();
    xbench.update({ first: form.elements.first.value, second: form.elements.second.value });
  });
  window.addEventListener("hashchange", restore);
  restore();
});
