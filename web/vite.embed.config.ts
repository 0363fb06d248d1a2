/** Builds embed.js: one file with a lasting name, for other sites. */

import { defineConfig } from "vite";

const config = defineConfig({
  publicDir: false,
  build: {
    target: "es2022",
    emptyOutDir: false,
    lib: { entry: "src/embed/embed.ts", formats: ["es"], fileName: () => "embed.js" },
  },
});

// Vite looks for the default export and nothing else.
export { config as default };
