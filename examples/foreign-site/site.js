/** Uses what docs/embed.md promises: choose(), play(), and the event "emotionchange". */

const film = document.querySelector("#film");

for (const press of document.querySelectorAll("[data-emotions]")) {
  press.addEventListener("click", () => {
    film.choose(press.dataset.emotions === "" ? [] : press.dataset.emotions.split(","));
    film.play();
  });
}

film.addEventListener("emotionchange", ({ detail }) => {
  document.querySelector("#now").textContent = detail.emotion;
});
