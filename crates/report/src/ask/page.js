"use strict";
const body = document.body.dataset, by = document.getElementById("by"), on = document.getElementById("on");
const blocks = [...document.querySelectorAll("fieldset[data-question]")], key = "zonewright-answers " + body.plant;
const draft = () => {
  const answers = [];
  for (const block of blocks) {
    const tick = block.querySelector("input[type=radio]:checked"), said = {};
    for (const field of block.querySelectorAll("[data-key]")) if (field.value.trim()) said[field.dataset.key] = field.value.trim();
    if (tick || Object.keys(said).length) answers.push({ id: block.dataset.question, answer: tick ? tick.value : null, ...said, by: by.value || null, date: on.value || null });
  }
  return answers;
};
const told = () => {
  const answers = draft(), ticked = answers.filter((a) => a.answer).length;
  document.getElementById("count").value = ticked + " of " + blocks.length + " answered";
  try { localStorage.setItem(key, JSON.stringify(answers)); } catch { /* a draft is kept where the browser allows it */ }
};
const restore = () => {
  let answers = [];
  try { answers = JSON.parse(localStorage.getItem(key) || "[]"); } catch { return; }
  for (const answer of answers) {
    const block = blocks.find((b) => b.dataset.question === answer.id);
    if (!block) continue;
    const tick = [...block.querySelectorAll("input[type=radio]")].find((i) => i.value === answer.answer);
    if (tick) tick.checked = true;
    for (const field of block.querySelectorAll("[data-key]")) field.value = answer[field.dataset.key] || "";
    by.value = by.value || answer.by || ""; on.value = on.value || answer.date || "";
  }
};
restore(); told();
document.addEventListener("input", told);
document.getElementById("save").addEventListener("click", () => {
  const answers = { format: body.format, plant: body.plant, as_of: body.asOf, answers: draft().filter((a) => a.answer) };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(answers, null, 2) + "\n"], { type: "application/json" }));
  link.download = "answers-" + body.plant + ".json";
  link.click();
});
