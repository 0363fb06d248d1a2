-- The tables of 0.1.0, which had no migrations.
CREATE TABLE analyses (
  id VARCHAR(64) NOT NULL,
  state INTEGER NOT NULL,
  title TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  updated_us INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  sha256 VARCHAR(64) NOT NULL,
  options BLOB NOT NULL,
  probe BLOB NOT NULL,
  failure BLOB,
  segments_total INTEGER NOT NULL,
  segments_done INTEGER NOT NULL,
  fruitless_starts INTEGER NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX ix_analyses_created_us ON analyses (created_us);
CREATE INDEX ix_analyses_state ON analyses (state);
CREATE TABLE events (
  analysis_id VARCHAR(64) NOT NULL,
  number INTEGER NOT NULL,
  analysis BLOB,
  segment INTEGER,
  PRIMARY KEY (analysis_id, number),
  FOREIGN KEY(analysis_id) REFERENCES analyses (id) ON DELETE CASCADE
);
CREATE TABLE exports (
  id VARCHAR(64) NOT NULL,
  analysis_id VARCHAR(64) NOT NULL,
  state INTEGER NOT NULL,
  created_us INTEGER NOT NULL,
  progress FLOAT NOT NULL,
  size_bytes INTEGER NOT NULL,
  request BLOB NOT NULL,
  failure BLOB,
  fruitless_starts INTEGER NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(analysis_id) REFERENCES analyses (id) ON DELETE CASCADE
);
CREATE INDEX ix_exports_analysis_id ON exports (analysis_id);
CREATE INDEX ix_exports_state ON exports (state);
CREATE TABLE segments (
  analysis_id VARCHAR(64) NOT NULL,
  number INTEGER NOT NULL,
  truncated BOOLEAN NOT NULL,
  read_until_ns INTEGER NOT NULL,
  face_model BLOB,
  voice_model BLOB,
  PRIMARY KEY (analysis_id, number),
  FOREIGN KEY(analysis_id) REFERENCES analyses (id) ON DELETE CASCADE
);
CREATE TABLE idempotency_keys (
  scope VARCHAR(64) NOT NULL,
  "key" VARCHAR(255) NOT NULL,
  fingerprint VARCHAR(64) NOT NULL,
  analysis_id VARCHAR(64),
  export_id VARCHAR(64),
  PRIMARY KEY (scope, "key"),
  FOREIGN KEY(analysis_id) REFERENCES analyses (id) ON DELETE CASCADE,
  FOREIGN KEY(export_id) REFERENCES exports (id) ON DELETE CASCADE
);
