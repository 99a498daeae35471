CREATE TABLE keys (
    digest TEXT PRIMARY KEY,
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE files (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    purpose TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    filename TEXT NOT NULL,
    status TEXT NOT NULL,
    rows INTEGER,
    error TEXT,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX files_by_digest ON files (owner, sha256);
CREATE INDEX files_by_status ON files (status);
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    idempotency_key TEXT,
    request TEXT NOT NULL,  -- the digest of the payload as it was posted
    payload TEXT NOT NULL,
    mode TEXT NOT NULL,
    status TEXT NOT NULL,
    step INTEGER NOT NULL DEFAULT 0,
    total_steps INTEGER NOT NULL,
    error TEXT,
    created_at TEXT NOT NULL,
    queued_at TEXT,
    started_at TEXT,
    finished_at TEXT,
    UNIQUE (owner, idempotency_key)  -- NULLs are distinct: without a key, each is a new job
) STRICT;
CREATE INDEX jobs_by_status ON jobs (status);
CREATE TABLE events (
    job TEXT NOT NULL REFERENCES jobs (id),
    seq INTEGER NOT NULL,
    type TEXT NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL,
    data TEXT,
    created_at TEXT NOT NULL,
    PRIMARY KEY (job, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE points (
    job TEXT NOT NULL REFERENCES jobs (id),
    step INTEGER NOT NULL,
    name TEXT NOT NULL,
    value REAL NOT NULL,
    phase TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (job, step, name)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 1;
