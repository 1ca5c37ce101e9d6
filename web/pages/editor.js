const field = (id) => document.getElementById(id);

async function run() {
  const started = performance.now();
  let shown;
  try {
    const written = field("variables").value.trim();
    const token = field("token").value.trim();
    const response = await fetch("/graphql", {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/graphql-response+json",
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify({ query: field("query").value, variables: written ? JSON.parse(written) : {} }),
    });
    shown = JSON.stringify(await response.json(), null, 2);
  } catch (error) {
    shown = String(error);
  }
  field("answer").textContent = shown;
  field("took").textContent = `${Math.round(performance.now() - started)} ms`;
}

field("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
});
