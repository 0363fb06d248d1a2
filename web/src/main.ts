/** The page: shows the view that the address names, and takes videos dropped anywhere. */

import "./styles/base.css";
import "./styles/dialog.css";
import "./styles/forms.css";
import "./styles/insights.css";
import "./styles/landing.css";
import "./styles/people.css";
import "./styles/player.css";
import "./styles/studio.css";
import "./styles/timeline.css";
import "./styles/takeaway.css";
import "./styles/upload.css";
import "./styles/compare.css";
import "./styles/print.css";
import { AnalysisView } from "./analysis/analysis-view";
import { openHelp } from "./analysis/help-view";
import { useApi } from "./api/api";
import { CompareView } from "./compare/compare-view";
import { h, setText } from "./kit/dom";
import { icon } from "./kit/icons";
import { chooseTheme, publishColours, themeChoice, type Choice } from "./kit/theme";
import { register } from "./kit/view";
import { analysisHash, parseRoute } from "./route";
import { texts } from "./texts";
import { fetchExample } from "./upload/example";
import { LandingView } from "./upload/landing-view";
import { fingerprintOf } from "./upload/unfinished";
import { UploadQueue, type Item } from "./upload/upload-queue";
import { UploadsView } from "./upload/uploads-view";

function start(main: HTMLElement): void {
  const queue = new UploadQueue();
  const uploads = new UploadsView();
  uploads.queue = queue;
  main.before(uploads);

  const show = (view: HTMLElement): void => {
    // The first view leaves the focus where browsers put it; after that, it follows what is new.
    const isFirst = main.firstElementChild === null;
    main.replaceChildren(view);
    if (isFirst) return;
    main.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  };

  const navigate = (): void => {
    const route = parseRoute(location.hash);
    // On the first view they were seen; from then on, the library has them.
    if (document.body.dataset["view"] === "landing" && route.view !== "landing") queue.clearDone();
    document.body.dataset["view"] = route.view;
    uploads.route = route;
    if (route.view === "analysis") {
      const view = new AnalysisView();
      view.isSending = (id) => queue.isSending(id);
      show(view);
      view.open(route);
    } else if (route.view === "compare") {
      const view = new CompareView();
      show(view);
      view.open(route.ids);
    } else {
      const landing = new LandingView();
      landing.busy = new Set(queue.items.map(({ file }) => fingerprintOf(file)));
      document.title = texts.page.name;
      show(landing);
    }
  };

  /** Uploads go on in any view, but begin on the first one, where they are seen. */
  const take = (files: readonly File[]): void => {
    if (parseRoute(location.hash).view !== "landing") location.hash = "#/";
    queue.add(files);
    window.scrollTo(0, 0);
  };

  queue.addEventListener("uploaded", (event) => {
    const item = (event as CustomEvent<Item>).detail;
    const isAlone = queue.items.every((each) => each === item || each.state === "done");
    if (!isAlone || item.analysis === undefined || document.body.dataset["view"] !== "landing")
      return;
    queue.remove(item);
    location.hash = analysisHash(item.analysis.id);
  });
  main.addEventListener("withdraw", (event) =>
    queue.withdraw((event as CustomEvent<string>).detail),
  );
  main.addEventListener("files", (event) => take((event as CustomEvent<File[]>).detail));
  main.addEventListener("example", () => void fetchExample().then((file) => take([file])));
  window.addEventListener("hashchange", navigate);
  document.querySelector(".skip-link")?.addEventListener("click", (event) => {
    // Following the link would change the address, which names the view.
    event.preventDefault();
    main.focus();
  });
  document.querySelector("#help")?.addEventListener("click", openHelp);
  acceptDrops(take);
  navigate();
}

/** Files may be dropped on the whole page, whatever it shows. */
function acceptDrops(take: (files: readonly File[]) => void): void {
  const veil = h("div", { class: "veil", "aria-hidden": "true" }, h("p", {}, texts.page.dropVeil));
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
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length > 0) take(files);
  });
}

/** One button goes through the schemes: as the system, dark, light. */
function offerThemes(press: HTMLButtonElement): void {
  const next: Readonly<Record<Choice, Choice>> = { auto: "dark", dark: "light", light: "auto" };
  const icons = { auto: "auto", dark: "moon", light: "sun" } as const;
  const show = (): void => {
    const choice = themeChoice();
    press.setAttribute("aria-label", texts.page.theme[choice]);
    press.title = texts.page.theme[choice];
    press.replaceChildren(icon(icons[choice]));
  };
  press.addEventListener("click", () => {
    chooseTheme(next[themeChoice()]);
    show();
  });
  show();
}

/** The frame of the page is in the HTML, its words are where all others are. */
function fillFrame(): void {
  const words: Readonly<Record<string, unknown>> = texts.page;
  for (const place of document.querySelectorAll<HTMLElement>("[data-text]")) {
    const found = words[place.dataset["text"] ?? ""];
    if (typeof found === "string") setText(place, found);
  }
  document.documentElement.lang = texts.units.language;
}

register();
useApi(document.querySelector<HTMLMetaElement>('meta[name="emotionmap-api"]')?.content ?? "");
publishColours();
fillFrame();
const press = document.querySelector<HTMLButtonElement>("#theme");
if (press !== null) offerThemes(press);
const main = document.querySelector("main");
if (main !== null) start(main);
