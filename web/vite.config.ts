import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds the API; the built page is served by the gateway itself. */
const GATEWAY = "http://127.0.0.1:8080";

const config = defineConfig({
  server: { proxy: { "/v1": GATEWAY } },
  // The gateway's content security policy allows files of its own origin only, no data: URLs.
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: ["index.html", "embed.html"] },
  },
  test: { include: ["src/**/*.test.ts"] },
});

// Vite looks for the default export and nothing else.
export { config as default };
