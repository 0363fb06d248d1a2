// Uploads with the tus-js-client that the page uses; prints one line of JSON for each upload.
// Arguments: package.json beside which it is installed, address of the gateway, number of uploads.
import { createHash, randomBytes } from "node:crypto";
import { createRequire } from "node:module";

const [packagePath, endpoint, count] = process.argv.slice(2);
const tus = createRequire(packagePath)("tus-js-client");
const SIZE_BYTES = 1_200_000;

const known = new Map();
const urlStorage = {
  findAllUploads: async () => [...known.values()],
  findUploadsByFingerprint: async (fingerprint) =>
    [...known.values()].filter((upload) => upload.fingerprint === fingerprint),
  removeUpload: async (key) => void known.delete(key),
  addUpload: async (fingerprint, upload) => {
    const key = `${fingerprint}/${known.size}`;
    known.set(key, { ...upload, fingerprint, urlStorageKey: key });
    return key;
  },
};

/** Upload once; with `abortAfterBytes` give up then, as a closed tab would. */
function attempt(data, { abortAfterBytes, ...options }) {
  return new Promise((resolve, reject) => {
    const seen = { resumedAt: 0, url: null };
    const upload = new tus.Upload(data, {
      endpoint,
      urlStorage,
      fingerprint: async () => createHash("sha1").update(data).digest("hex"),
      retryDelays: [0, 50, 200, 500, 1000],
      metadata: { filename: "film.mp4", filetype: "video/mp4" },
      onAfterResponse: (request, response) => {
        if (request.getMethod() === "HEAD")
          seen.resumedAt = Number(response.getHeader("Upload-Offset"));
      },
      onChunkComplete: (_size, accepted) => {
        if (abortAfterBytes === undefined || accepted < abortAfterBytes) return;
        upload.abort().then(() => resolve({ ...seen, url: upload.url }), reject);
      },
      onError: reject,
      onSuccess: () => resolve({ ...seen, url: upload.url }),
      ...options,
    });
    upload.findPreviousUploads().then((found) => {
      if (found.length > 0) upload.resumeFromPreviousUpload(found[0]);
      upload.start();
    }, reject);
  });
}

const WAYS = [{}, { uploadDataDuringCreation: true }, { chunkSize: 500_000 }, { closes: true }];

for (let number = 0; number < Number(count); number += 1) {
  const data = randomBytes(SIZE_BYTES);
  const { closes, ...way } = WAYS[number % WAYS.length];
  if (closes) await attempt(data, { chunkSize: 300_000, abortAfterBytes: 600_000 });
  const { resumedAt, url } = await attempt(data, way);
  const sha256 = createHash("sha256").update(data).digest("hex");
  console.log(JSON.stringify({ url, resumedAt, closes: closes === true, sha256 }));
}
