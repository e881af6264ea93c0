/** The first schema: cluster, nodes, leadership, tasks and their logs, recurring jobs, identity, audit. */
export const migration001 = `
create table cluster (
  only_row boolean primary key default true check (only_row),
  installation_id uuid not null default gen_random_uuid(),
  paused boolean not null default false,
  pause_reason text,
  paused_by text,
  paused_at timestamptz,
  -- waiting while the queue was paused is not waiting for a free slot: fairness counts from here
  resumed_at timestamptz
);
insert into cluster default values;

-- Holder and term only. The lease is the holder's beat row, so that renewing it never waits for a leader's act, which
-- holds this row FOR SHARE.
create table leadership (
  only_row boolean primary key default true check (only_row),
  term bigint not null default 0,
  node text,
  incarnation uuid,
  since timestamptz,
  -- who gave the lead up by request does not stand again before this time, unless nobody else can
  abstaining text,
  abstaining_until timestamptz,
  -- why the seat was last given up: what the next election names as its cause
  released_because text
);
insert into leadership default values;

-- What is changed rarely and what forbids a claim. A claim reads its row FOR SHARE, so any update of it waits for open
-- claims and is seen by later ones. Names are lower case.
create table node (
  name text primary key check (name = lower(name)),
  incarnation uuid,
  lost boolean not null default false,
  claim_session bigint not null default 0,
  url text,
  version text,
  machine text,
  boot text,
  pid integer,
  process_start text,
  registered_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  task_cap integer not null check (task_cap between 0 and 1000),
  drain boolean not null default false,
  -- counts the drains of this node: a timer belongs to one drain and does nothing to a later one
  drain_number bigint not null default 0,
  drain_reason text,
  drain_by text,
  drain_at timestamptz,
  drain_deadline timestamptz,
  drain_cancel boolean not null default false,
  undrain_at timestamptz,
  -- once drained, the process stops and the row is deleted
  retire boolean not null default false,
  drained_event boolean not null default false,
  modified_at timestamptz not null default clock_timestamp(),
  modified_by text,
  -- a tombstone: the node was deleted, and a later start under this name takes over its cap and drain
  deleted_at timestamptz
);

-- One row for each incarnation, changed with each beat, kept until its attempts are settled and its mark is old.
create table node_beat (
  incarnation uuid primary key,
  node text not null,
  beat bigint not null default 0,
  last_seen timestamptz not null default clock_timestamp(),
  started_at timestamptz not null default clock_timestamp(),
  heart_pid integer,
  presence_key bigint not null,
  can_claim boolean not null default false,
  fitness jsonb not null default '{}',
  goodbye boolean not null default false,
  -- the mark: for ever; set by the death's proof or by silence
  lost boolean not null default false,
  lost_at timestamptz,
  lost_proven boolean not null default false,
  lost_cause text,
  lost_by text
) with (fillfactor = 50);
create index node_beat_node on node_beat (node);

-- Types instead of checks: a check is parsed and evaluated anew by each statement that writes a task
create type task_state as enum ('Queued', 'Executing', 'Cancelling', 'Success', 'Failed', 'Canceled', 'TimedOut');
create type when_lost as enum ('fail', 'rerun', 'resume');

create table task (
  id bigint generated always as identity primary key,
  kind text not null,
  space text,
  description text not null default '',
  arguments jsonb not null default '{}',
  state task_state not null default 'Queued',
  -- order in the queue: moved to top (negative), then priority (higher first: stored negated), queue time, id
  top bigint not null default 0,
  rank integer not null default 0,
  queue_time timestamptz not null default clock_timestamp(),
  -- false while the queue time lies in the future: such a task is not in the queue's index
  due boolean not null default true,
  queued_since timestamptz not null default clock_timestamp(),
  expiry_ms bigint not null,
  expires_at timestamptz not null,
  -- declared by the kind, kept here so that any node can settle a task whose kind it does not know
  when_lost when_lost not null,
  task_lease_ms integer not null,
  leader_only boolean not null default false,
  -- at most one unfinished attempt in the cluster holds a tag
  tag text,
  time_limit_ms bigint,
  attempt integer not null default 0,
  times_lost integer not null default 0,
  -- true when the task ended because its node was lost
  lost boolean not null default false,
  node text,
  incarnation uuid,
  started_at timestamptz,
  cancel_at timestamptz,
  cancel_by text,
  completed_at timestamptz,
  updated_at timestamptz not null default clock_timestamp(),
  -- made by the writer of the end: repeating a write whose answer was lost finds its own id
  end_id uuid,
  cause text,
  exit_code integer,
  has_warnings boolean not null default false,
  created_by text,
  rerun_of bigint,
  rerun_attempt integer,
  job text,
  job_due timestamptz,
  -- an attempt that belongs to nobody could never be settled
  check (incarnation is not null or started_at is null or completed_at is not null)
) with (fillfactor = 80);
-- who is moved to the top later comes first
create sequence task_top;
create index task_queue on task (top, rank, queue_time, id) where state = 'Queued' and due and tag is null;
-- by tag first: the head of each tag's line is found without walking past what waits behind it
create index task_tagged_queue on task (tag, top, rank, queue_time, id) where state = 'Queued' and due and tag is not null;
create index task_future on task (queue_time) where state = 'Queued' and not due;
-- with what a list of waiting tasks is narrowed by, which then reads the index alone
create index task_expiry on task (expires_at) include (kind, id) where state = 'Queued';
create index task_running on task (incarnation) where state in ('Executing', 'Cancelling');
create unique index task_tag_running on task (tag) where tag is not null and state in ('Executing', 'Cancelling');
create index task_completed on task (completed_at) where completed_at is not null;
-- few: what a list of a space's tasks leaves out is counted by it
create index task_system on task (id) where space is null;
create index task_troubled on task (id) where state in ('Failed', 'Canceled', 'TimedOut') or has_warnings;
-- finished tasks only: each index that a claim touches costs some percent of all claims
create index task_node on task (node, id) where completed_at is not null;
create index task_kind on task (kind, id) where completed_at is not null;
create unique index task_job_due on task (job, job_due) where job is not null;
create unique index task_rerun_once on task (rerun_of, rerun_attempt) where rerun_attempt is not null;

-- Attempts that ended without ending their task: handed back, or lost and settled by a re-run. The last attempt is in the task's row.
create table task_attempt (
  task_id bigint not null references task on delete cascade,
  attempt integer not null,
  node text,
  incarnation uuid,
  started_at timestamptz,
  ended_at timestamptz not null default clock_timestamp(),
  outcome text not null,
  cause text not null,
  primary key (task_id, attempt)
);
create index task_attempt_node on task_attempt (node, ended_at);

-- Output in chunks. first_line counts the task's log entries from 0 over all attempts; content is one entry a line
-- (see src/tasks/log-chunk.ts).
create table task_log (
  task_id bigint not null references task on delete cascade,
  first_line bigint not null,
  line_count integer not null check (line_count > 0),
  attempt integer not null,
  byte_count integer not null,
  written_at timestamptz not null default clock_timestamp(),
  content text not null,
  primary key (task_id, first_line)
);
alter table task_log alter column content set storage extended;

create table recurring_job (
  name text primary key,
  kind text not null,
  description text not null,
  every_ms bigint not null check (every_ms >= 1000),
  -- shifts the job's due times against those of other jobs and installations, always by the same
  offset_ms bigint not null default 0,
  enabled boolean not null default true,
  next_due timestamptz not null,
  last_due timestamptz,
  last_task bigint,
  modified_at timestamptz not null default clock_timestamp(),
  modified_by text
);

create table app_user (
  id bigint generated always as identity primary key,
  username text not null,
  display_name text not null default '',
  email text,
  password_hash text,
  is_active boolean not null default true,
  is_service boolean not null default false,
  role text not null check (role in ('administrator', 'operator', 'viewer')),
  created_at timestamptz not null default clock_timestamp(),
  -- raised when sessions and cached rights must not be trusted any more
  version bigint not null default 0
);
create unique index app_user_username on app_user (lower(username));

create table session (
  id_hash bytea primary key,
  user_id bigint not null references app_user on delete cascade,
  csrf_hash bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  last_used_at timestamptz not null default clock_timestamp(),
  -- it ends when unused for this long, and at expires_at however much it is used
  idle_ms bigint not null,
  expires_at timestamptz not null,
  address text,
  user_agent text
);
create index session_of_user on session (user_id);
create index session_expiry on session (expires_at);

create table api_key (
  id bigint generated always as identity primary key,
  user_id bigint not null references app_user on delete cascade,
  key_hash bytea not null unique,
  hint text not null,
  purpose text not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz,
  last_used_at timestamptz,
  last_used_from text,
  last_used_node text
);
create index api_key_user on api_key (user_id);

create table throttle (
  key text primary key,
  failures integer not null,
  window_end timestamptz not null
);

create table idempotency (
  user_id bigint not null,
  key text not null,
  operation text not null,
  result text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (user_id, key)
);
create index idempotency_created on idempotency (created_at);

-- The audit trail: what a person or the system changed, append only.
create table event (
  id bigint generated always as identity primary key,
  occurred timestamptz not null default clock_timestamp(),
  category text not null,
  message text not null,
  user_id bigint,
  username text not null,
  established_with text,
  address text,
  user_agent text,
  node text,
  related text[] not null default '{}',
  before jsonb,
  after jsonb
);
create index event_occurred on event (occurred);
create index event_category on event (category, id);
create index event_related on event using gin (related);

create function event_is_append_only() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_setting('tako.retention', true) = 'on' then return old; end if;
  raise exception 'the audit trail is append-only';
end $$;
create trigger event_is_append_only before update or delete on event for each row execute function event_is_append_only();
create trigger event_is_not_truncated before truncate on event for each statement execute function event_is_append_only();
`
