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
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY,  -- the order in which jobs were created
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    idempotency_key TEXT,
    request TEXT NOT NULL,  -- the digest of the payload as it was posted
    name TEXT,
    model TEXT NOT NULL,
    training_type TEXT NOT NULL,
    search_text TEXT NOT NULL,  -- what a search looks in; see search_text()
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
CREATE TABLE keys (
    digest TEXT PRIMARY KEY,
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE payloads (
    job TEXT PRIMARY KEY REFERENCES jobs (id),
    payload TEXT NOT NULL
) STRICT;
CREATE TABLE points (
    job TEXT NOT NULL REFERENCES jobs (id),
    step INTEGER NOT NULL,
    name TEXT NOT NULL,
    value REAL NOT NULL,
    phase TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (job, step, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX files_by_digest ON files (owner, sha256);
CREATE INDEX files_by_status ON files (status);
CREATE INDEX jobs_by_status ON jobs (status);
CREATE INDEX jobs_by_owner ON jobs (owner);
CREATE INDEX jobs_by_owner_and_status ON jobs (owner, status);
CREATE INDEX points_by_curve ON points (job, name, step, value);
PRAGMA user_version = 2;
