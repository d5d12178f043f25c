// A file in pieces of 48 KiB: more than a form may hold, and a phone that loses the Wi-Fi for a
// moment goes on where it was.
"use strict";
for (const form of document.querySelectorAll("form[data-pieces]")) form.addEventListener("submit", async event => {
  const chosen = form.querySelector("[name=file]"), file = chosen.files[0];
  if (!file) return;
  event.preventDefault();
  const bar = form.querySelector("progress"), button = form.querySelector("button"), words = form.querySelector("[role=alert]");
  const fail = text => { bar.hidden = true; button.disabled = false; words.hidden = false; words.textContent = text; };
  const upload = [file.name, file.size, file.lastModified].join(" "), query = new URLSearchParams({name: file.name, upload});
  words.hidden = true;
  bar.hidden = false;
  button.disabled = true;
  let offset = 0, tries = 0, next = "";
  do {
    try {
      query.set("offset", offset);
      const answer = await fetch(`${form.dataset.pieces}?${query}`, {
        method: "POST", body: file.slice(offset, offset + 49152),
        headers: {"X-Token": TOKEN, "Content-Type": "application/octet-stream", Accept: "application/json"}});
      const said = await answer.json();
      if (said.offset === undefined) return fail(said.detail);
      [offset, next, tries] = [said.offset, said.next, 0];
      bar.value = file.size ? 100 * offset / file.size : 100;
    } catch {
      if (++tries > 20) return fail("The bench does not answer.");
      await new Promise(done => setTimeout(done, 1500));
    }
  } while (offset < file.size);
  if (!form.dataset.then) return location.assign(next);
  form.elements.upload.value = upload;
  form.elements.name.value = file.name;
  chosen.disabled = true;
  form.submit();
});
