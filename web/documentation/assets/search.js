const root = document.currentScript.dataset.root;
const field = document.getElementById("sought");
const found = document.getElementById("found");
let index;

const entry = ([address, title, section, text], word) => {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = root + address;
  link.textContent = section ? `${title}: ${section}` : title;
  const at = Math.max(0, text.toLowerCase().indexOf(word) - 40);
  const around = document.createElement("span");
  around.textContent = text.slice(at, at + 140);
  item.append(link, around);
  return item;
};

field.addEventListener("input", async () => {
  const word = field.value.trim().toLowerCase();
  index ??= await (await fetch(`${root}search.json`)).json();
  const rank = ([, title, section, text]) =>
    [title, section, text].findIndex((part) => part.toLowerCase().includes(word));
  const hits = word.length < 2 ? [] : index.filter((one) => rank(one) >= 0).sort((a, b) => rank(a) - rank(b));
  found.replaceChildren(...hits.slice(0, 12).map((one) => entry(one, word)));
});
document.getElementById("search").addEventListener("submit", (event) => {
  event.preventDefault();
  found.querySelector("a")?.click();
});
