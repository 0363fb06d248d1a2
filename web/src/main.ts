/** The page: shows the view that the address names, and takes a video dropped anywhere. */

import "./styles/base.css";
import "./styles/dialog.css";
import "./styles/forms.css";
import "./styles/insights.css";
import "./styles/landing.css";
import "./styles/player.css";
import "./styles/studio.css";
import "./styles/timeline.css";
import { AnalysisView } from "./analysis-view";
import type { Analysis } from "./api-types";
import { h } from "./dom";
import { openHelp } from "./help-view";
import { LandingView } from "./landing-view";
import { analysisHash, parseRoute } from "./route";
import { publishColours } from "./theme";
import { refusal } from "./upload";
import { UploadView } from "./upload-view";

function start(main: HTMLElement): void {
  const show = (view: HTMLElement): void => {
    // The first view leaves the focus where browsers put it; after that, it follows what is new.
    const isFirst = main.firstElementChild === null;
    main.replaceChildren(view);
    if (isFirst) return;
    main.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  };

  const leave = (): void => {
    if (parseRoute(location.hash).view !== "landing") history.pushState(null, "", "#/");
  };

  const land = (sentence?: string): void => {
    leave();
    const landing = new LandingView();
    show(landing);
    landing.explain(sentence);
    document.title = "EmotionMap";
  };

  const navigate = (): void => {
    const route = parseRoute(location.hash);
    if (route.view === "landing") return land();
    const view = new AnalysisView();
    show(view);
    view.open(route.id, route.filter);
  };

  const take = async (file: File): Promise<void> => {
    const sentence = refusal(file);
    if (!(await mayLeave(main))) return;
    if (sentence !== undefined) return land(sentence);
    leave();
    const view = new UploadView();
    show(view);
    view.start(file);
  };

  main.addEventListener("file", (event) => void take((event as CustomEvent<File>).detail));
  main.addEventListener("give-up", () => land());
  main.addEventListener("uploaded", (event) => {
    location.hash = analysisHash((event as CustomEvent<Analysis>).detail.id);
  });
  window.addEventListener("hashchange", navigate);
  document.querySelector(".brand")?.addEventListener("click", async (event) => {
    // An upload has the address of the first view, so that following the link would do nothing.
    event.preventDefault();
    if (await mayLeave(main)) land();
  });
  document.querySelector(".skip-link")?.addEventListener("click", (event) => {
    // Following the link would change the address, which names the view.
    event.preventDefault();
    main.focus();
  });
  document.querySelector("#help")?.addEventListener("click", openHelp);
  acceptDrops((file) => void take(file));
  navigate();
}

/** Asks before a running upload is given up for something else. */
async function mayLeave(main: HTMLElement): Promise<boolean> {
  const view = main.firstElementChild;
  return !(view instanceof UploadView) || (await view.mayLeave());
}

/** Files may be dropped on the whole page, whatever it shows. */
function acceptDrops(take: (file: File) => void): void {
  const veil = h(
    "div",
    { class: "veil", "aria-hidden": "true" },
    h("p", {}, "Drop the video to analyse it"),
  );
  document.body.append(veil);
  const show = (visible: boolean): void => void veil.classList.toggle("visible", visible);
  window.addEventListener("dragover", (event) => {
    if (event.dataTransfer?.types.includes("Files") !== true) return;
    event.preventDefault();
    show(true);
  });
  window.addEventListener("dragleave", ({ relatedTarget }) => show(relatedTarget !== null));
  window.addEventListener("drop", (event) => {
    event.preventDefault();
    show(false);
    const file = event.dataTransfer?.files[0];
    if (file !== undefined) take(file);
  });
}

publishColours();
const main = document.querySelector("main");
if (main !== null) start(main);
