-- The schema before counts of days, with what a store wrote into it.

create table if not exists "public".tracking_migrations (
        id int primary key, name text not null, applied_at timestamptz not null default now());

create table "public".tracking_readers (
      key uuid primary key,
      message_id text,
      recipient text,
      campaign text,
      tags text[] not null default '{}',
      prepared_at timestamptz,
      tracked_links int not null default 0,
      pixels int not null default 0,
      open_0 timestamptz,
      open_1 timestamptz,
      open_2 timestamptz,
      open_3 timestamptz,
      click_0 timestamptz,
      click_1 timestamptz,
      click_2 timestamptz,
      click_3 timestamptz,
      delivered timestamptz,
      bounced timestamptz,
      complained timestamptz,
      unsubscribed timestamptz
    ) with (fillfactor = 70);

create index tracking_readers_message on "public".tracking_readers (message_id) where message_id is not null;

create index tracking_readers_recipient on "public".tracking_readers (recipient) where recipient is not null;

create index tracking_readers_campaign on "public".tracking_readers (campaign, recipient, key)
      where campaign is not null;

create index tracking_readers_prepared on "public".tracking_readers (prepared_at)
      where prepared_at is not null;

create table "public".tracking_events (
      identity uuid primary key,
      seq bigint generated always as identity,
      event_id text not null,
      reader uuid not null,
      type text not null,
      at timestamptz not null,
      class smallint,
      campaign text,
      source text not null,
      esp_name text,
      metadata jsonb,
      verdict jsonb,
      corrected_from jsonb,
      url text,
      part text,
      link_index int,
      link_label text,
      place_key bigint,
      url_key bigint,
      reject_reason text,
      permanent boolean,
      description text,
      mta_response text,
      user_agent text,
      user_ip text,
      sent_at timestamptz
    );

create index tracking_events_at on "public".tracking_events (at);

create index tracking_events_reader on "public".tracking_events (reader, at);

create index tracking_events_esp on "public".tracking_events (event_id) where esp_name is not null;

create index tracking_events_trouble on "public".tracking_events (at)
      where type in ('bounced', 'complained', 'unsubscribed', 'rejected', 'failed', 'deferred');

create index tracking_events_places on "public".tracking_events (campaign, place_key, at)
      include (class, reader, url_key) where type = 'clicked' and campaign is not null;

create index tracking_events_urls on "public".tracking_events (url_key, at)
      include (class, reader) where type = 'clicked';

create table "public".tracking_corrections (
      event_id text primary key,
      verdict jsonb not null,
      at timestamptz not null
    );

create index tracking_corrections_at on "public".tracking_corrections (at);

create table "public".tracking_counts (
      scope text not null,
      bucket timestamptz not null,
      opens_0 int not null default 0,
      opens_1 int not null default 0,
      opens_2 int not null default 0,
      opens_3 int not null default 0,
      clicks_0 int not null default 0,
      clicks_1 int not null default 0,
      clicks_2 int not null default 0,
      clicks_3 int not null default 0,
      delivered_events int not null default 0,
      bounced_events int not null default 0,
      complained_events int not null default 0,
      unsubscribed_events int not null default 0,
      rejected_events int not null default 0,
      failed_events int not null default 0,
      deferred_events int not null default 0,
      uniq_opens int not null default 0,
      uniq_opens_0 int not null default 0,
      uniq_opens_1 int not null default 0,
      uniq_opens_2 int not null default 0,
      uniq_opens_3 int not null default 0,
      uniq_opens_at_most int not null default 0,
      uniq_clicks int not null default 0,
      uniq_clicks_0 int not null default 0,
      uniq_clicks_1 int not null default 0,
      uniq_clicks_2 int not null default 0,
      uniq_clicks_3 int not null default 0,
      uniq_clicks_at_most int not null default 0,
      uniq_delivered int not null default 0,
      uniq_bounced int not null default 0,
      uniq_complained int not null default 0,
      uniq_unsubscribed int not null default 0,
      prepared int not null default 0,
      recipients int not null default 0,
      of_pixel int not null default 0,
      of_pixel_opened int not null default 0,
      of_pixel_opened_at_most int not null default 0,
      of_links int not null default 0,
      of_links_clicked int not null default 0,
      of_links_clicked_at_most int not null default 0,
      of_delivered int not null default 0,
      of_bounced int not null default 0,
      of_complained int not null default 0,
      of_unsubscribed int not null default 0,
      primary key (scope, bucket)
    ) with (fillfactor = 50);

create index tracking_counts_whole on "public".tracking_counts (scope)
      where bucket = '-infinity'::timestamptz;

insert into "public".tracking_migrations (id, name) values (1, 'events and numbers');

create unlogged table "public".tracking_locks (key uuid primary key);

insert into "public".tracking_migrations (id, name) values (2, 'locks of mails');

insert into "public".tracking_readers select * from json_populate_recordset(null::"public".tracking_readers, '[
{"key":"75133e43-ece0-fa2e-9667-eceffa3fd44e","tags":[],"open_3":"2026-10-01T12:00:00+00:00","pixels":0,"campaign":"weak","recipient":"dan@example.com","message_id":"m2","tracked_links":0},
{"key":"b6f684a5-7f1c-1a80-0c2c-bf9425e57124","tags":["news"],"pixels":1,"click_3":"2026-10-01T14:00:00+00:00","campaign":"spring","recipient":"bob@example.com","message_id":"m1","prepared_at":"2026-09-30T12:00:00+00:00","tracked_links":2},
{"key":"d33e8b27-0ecd-5cdd-9013-7b9c1597ebce","tags":["news"],"pixels":1,"bounced":"2026-10-01T12:00:00+00:00","campaign":"spring","recipient":"cid@example.com","message_id":"m1","prepared_at":"2026-09-30T12:00:00+00:00","tracked_links":2},
{"key":"dec0fd05-6950-7990-2048-609e19695776","tags":["news"],"open_0":"2026-10-01T12:00:00+00:00","pixels":1,"click_0":"2026-10-01T13:00:00+00:00","campaign":"spring","recipient":"ann@example.com","message_id":"m1","prepared_at":"2026-09-30T12:00:00+00:00","tracked_links":2},
{"key":"ef0a0335-583c-6771-1974-fc12ea92fcce","tags":[],"open_1":"2026-10-01T12:00:00+00:00","pixels":0,"campaign":"autumn","tracked_links":0}
]');

insert into "public".tracking_events overriding system value select * from json_populate_recordset(null::"public".tracking_events, '[
{"at":"2026-10-01T12:00:00+00:00","seq":1,"type":"opened","class":0,"reader":"dec0fd05-6950-7990-2048-609e19695776","source":"link","user_ip":"203.0.113.7","verdict":{"kind":"human","rules":"2026-11-20","reasons":["TEST"],"certainty":"probable"},"event_id":"00000000-0000-4000-8000-000000000001","identity":"00000000-0000-4000-8000-000000000001","metadata":{"campaign":"spring"},"user_agent":"Mozilla/5.0"},
{"at":"2026-10-01T12:00:00+00:00","seq":5,"type":"bounced","reader":"d33e8b27-0ecd-5cdd-9013-7b9c1597ebce","source":"esp","user_ip":"203.0.113.7","esp_name":"postmark","event_id":"b-1","identity":"5e297f8c-aa7e-e640-1f78-f4d903d04f19","metadata":{},"permanent":true,"user_agent":"Mozilla/5.0","reject_reason":"bounced"},
{"at":"2026-10-01T12:00:00+00:00","seq":6,"type":"opened","class":1,"reader":"ef0a0335-583c-6771-1974-fc12ea92fcce","source":"link","user_ip":"203.0.113.7","verdict":{"kind":"unknown","rules":"2026-11-20","reasons":["TEST"],"certainty":"probable"},"event_id":"00000000-0000-4000-8000-000000000005","identity":"00000000-0000-4000-8000-000000000005","metadata":{"campaign":"autumn"},"user_agent":"Mozilla/5.0"},
{"at":"2026-10-01T12:00:00+00:00","seq":7,"type":"opened","class":3,"reader":"75133e43-ece0-fa2e-9667-eceffa3fd44e","source":"link","user_ip":"203.0.113.7","verdict":{"kind":"scanner","rules":"2026-11-20","reasons":["TEST"],"certainty":"possible"},"event_id":"00000000-0000-4000-8000-000000000006","identity":"00000000-0000-4000-8000-000000000006","metadata":{"campaign":"weak"},"user_agent":"Mozilla/5.0"},
{"at":"2026-10-01T13:00:00+00:00","seq":2,"url":"https://example.com/","part":"html","type":"clicked","class":0,"reader":"dec0fd05-6950-7990-2048-609e19695776","source":"link","url_key":1085751997324837100,"user_ip":"203.0.113.7","verdict":{"kind":"human","rules":"2026-11-20","reasons":["TEST"],"certainty":"probable"},"campaign":"spring","event_id":"00000000-0000-4000-8000-000000000000","identity":"00000000-0000-4000-8000-000000000000","metadata":{"campaign":"spring"},"place_key":-5195824572016493000,"link_index":1,"link_label":"buy","user_agent":"Mozilla/5.0"},
{"at":"2026-10-01T14:00:00+00:00","seq":4,"url":"https://example.com/","type":"clicked","class":3,"reader":"b6f684a5-7f1c-1a80-0c2c-bf9425e57124","source":"link","url_key":1085751997324837100,"user_ip":"203.0.113.7","verdict":{"kind":"scanner","rules":"2026-11-20","reasons":["TEST"],"certainty":"certain"},"campaign":"spring","event_id":"00000000-0000-4000-8000-000000000003","identity":"00000000-0000-4000-8000-000000000003","metadata":{"campaign":"spring"},"place_key":1085751997324837100,"user_agent":"Mozilla/5.0","corrected_from":{"kind":"human","rules":"2026-11-20","reasons":["TEST"],"certainty":"probable"}},
{"at":"2026-11-30T12:00:00+00:00","seq":3,"type":"opened","class":0,"reader":"dec0fd05-6950-7990-2048-609e19695776","source":"link","user_ip":"203.0.113.7","verdict":{"kind":"human","rules":"2026-11-20","reasons":["TEST"],"certainty":"probable"},"event_id":"00000000-0000-4000-8000-000000000002","identity":"00000000-0000-4000-8000-000000000002","metadata":{"campaign":"spring"},"user_agent":"Mozilla/5.0"}
]');

insert into "public".tracking_corrections select * from json_populate_recordset(null::"public".tracking_corrections, '[
{"at":"2026-11-29T15:54:56.188+00:00","verdict":{"kind":"scanner","rules":"2026-11-20","reasons":["TEST"],"certainty":"certain"},"event_id":"00000000-0000-4000-8000-000000000003"},
{"at":"2026-11-29T15:54:56.188+00:00","verdict":{"kind":"scanner","rules":"2026-11-20","reasons":["TEST"],"certainty":"certain"},"event_id":"later"}
]');

insert into "public".tracking_counts select scope, bucket, coalesce(opens_0, 0), coalesce(opens_1, 0), coalesce(opens_2, 0), coalesce(opens_3, 0), coalesce(clicks_0, 0), coalesce(clicks_1, 0), coalesce(clicks_2, 0), coalesce(clicks_3, 0), coalesce(delivered_events, 0), coalesce(bounced_events, 0), coalesce(complained_events, 0), coalesce(unsubscribed_events, 0), coalesce(rejected_events, 0), coalesce(failed_events, 0), coalesce(deferred_events, 0), coalesce(uniq_opens, 0), coalesce(uniq_opens_0, 0), coalesce(uniq_opens_1, 0), coalesce(uniq_opens_2, 0), coalesce(uniq_opens_3, 0), coalesce(uniq_opens_at_most, 0), coalesce(uniq_clicks, 0), coalesce(uniq_clicks_0, 0), coalesce(uniq_clicks_1, 0), coalesce(uniq_clicks_2, 0), coalesce(uniq_clicks_3, 0), coalesce(uniq_clicks_at_most, 0), coalesce(uniq_delivered, 0), coalesce(uniq_bounced, 0), coalesce(uniq_complained, 0), coalesce(uniq_unsubscribed, 0), coalesce(prepared, 0), coalesce(recipients, 0), coalesce(of_pixel, 0), coalesce(of_pixel_opened, 0), coalesce(of_pixel_opened_at_most, 0), coalesce(of_links, 0), coalesce(of_links_clicked, 0), coalesce(of_links_clicked_at_most, 0), coalesce(of_delivered, 0), coalesce(of_bounced, 0), coalesce(of_complained, 0), coalesce(of_unsubscribed, 0) from json_populate_recordset(null::"public".tracking_counts, '[
{"scope":"a","bucket":"-infinity","opens_0":2,"opens_1":1,"opens_3":1,"clicks_0":1,"clicks_3":1,"of_links":3,"of_pixel":3,"prepared":3,"of_bounced":1,"recipients":3,"uniq_opens":3,"uniq_clicks":2,"uniq_bounced":1,"uniq_opens_0":1,"uniq_opens_1":1,"uniq_opens_3":1,"uniq_clicks_0":1,"uniq_clicks_3":1,"bounced_events":1,"of_pixel_opened":1,"of_links_clicked":1,"uniq_opens_at_most":2,"uniq_clicks_at_most":1,"of_pixel_opened_at_most":1,"of_links_clicked_at_most":1},
{"scope":"a","bucket":"2026-09-30T12:00:00+00:00","of_links":3,"of_pixel":3,"prepared":3,"of_bounced":1,"recipients":3,"of_pixel_opened":1,"of_links_clicked":1,"of_pixel_opened_at_most":1,"of_links_clicked_at_most":1},
{"scope":"a","bucket":"2026-10-01T12:00:00+00:00","opens_0":1,"opens_1":1,"opens_3":1,"uniq_opens":3,"uniq_bounced":1,"uniq_opens_0":1,"uniq_opens_1":1,"uniq_opens_3":1,"bounced_events":1,"uniq_opens_at_most":2},
{"scope":"a","bucket":"2026-10-01T13:00:00+00:00","clicks_0":1,"uniq_clicks":1,"uniq_clicks_0":1,"uniq_clicks_at_most":1},
{"scope":"a","bucket":"2026-10-01T14:00:00+00:00","clicks_3":1,"uniq_clicks":1,"uniq_clicks_3":1},
{"scope":"a","bucket":"2026-11-30T12:00:00+00:00","opens_0":1},
{"scope":"b:[\"spring\",\"news\"]","bucket":"-infinity","opens_0":2,"clicks_0":1,"clicks_3":1,"of_links":3,"of_pixel":3,"prepared":3,"of_bounced":1,"recipients":3,"uniq_opens":1,"uniq_clicks":2,"uniq_bounced":1,"uniq_opens_0":1,"uniq_clicks_0":1,"uniq_clicks_3":1,"bounced_events":1,"of_pixel_opened":1,"of_links_clicked":1,"uniq_opens_at_most":1,"uniq_clicks_at_most":1,"of_pixel_opened_at_most":1,"of_links_clicked_at_most":1},
{"scope":"b:[\"spring\",\"news\"]","bucket":"2026-09-30T12:00:00+00:00","of_links":3,"of_pixel":3,"prepared":3,"of_bounced":1,"recipients":3,"of_pixel_opened":1,"of_links_clicked":1,"of_pixel_opened_at_most":1,"of_links_clicked_at_most":1},
{"scope":"b:[\"spring\",\"news\"]","bucket":"2026-10-01T12:00:00+00:00","opens_0":1,"uniq_opens":1,"uniq_bounced":1,"uniq_opens_0":1,"bounced_events":1,"uniq_opens_at_most":1},
{"scope":"b:[\"spring\",\"news\"]","bucket":"2026-10-01T13:00:00+00:00","clicks_0":1,"uniq_clicks":1,"uniq_clicks_0":1,"uniq_clicks_at_most":1},
{"scope":"b:[\"spring\",\"news\"]","bucket":"2026-10-01T14:00:00+00:00","clicks_3":1,"uniq_clicks":1,"uniq_clicks_3":1},
{"scope":"b:[\"spring\",\"news\"]","bucket":"2026-11-30T12:00:00+00:00","opens_0":1},
{"scope":"c:autumn","bucket":"-infinity","opens_1":1,"uniq_opens":1,"uniq_opens_1":1,"uniq_opens_at_most":1},
{"scope":"c:autumn","bucket":"2026-10-01T12:00:00+00:00","opens_1":1,"uniq_opens":1,"uniq_opens_1":1,"uniq_opens_at_most":1},
{"scope":"c:spring","bucket":"-infinity","opens_0":2,"clicks_0":1,"clicks_3":1,"of_links":3,"of_pixel":3,"prepared":3,"of_bounced":1,"recipients":3,"uniq_opens":1,"uniq_clicks":2,"uniq_bounced":1,"uniq_opens_0":1,"uniq_clicks_0":1,"uniq_clicks_3":1,"bounced_events":1,"of_pixel_opened":1,"of_links_clicked":1,"uniq_opens_at_most":1,"uniq_clicks_at_most":1,"of_pixel_opened_at_most":1,"of_links_clicked_at_most":1},
{"scope":"c:spring","bucket":"2026-09-30T12:00:00+00:00","of_links":3,"of_pixel":3,"prepared":3,"of_bounced":1,"recipients":3,"of_pixel_opened":1,"of_links_clicked":1,"of_pixel_opened_at_most":1,"of_links_clicked_at_most":1},
{"scope":"c:spring","bucket":"2026-10-01T12:00:00+00:00","opens_0":1,"uniq_opens":1,"uniq_bounced":1,"uniq_opens_0":1,"bounced_events":1,"uniq_opens_at_most":1},
{"scope":"c:spring","bucket":"2026-10-01T13:00:00+00:00","clicks_0":1,"uniq_clicks":1,"uniq_clicks_0":1,"uniq_clicks_at_most":1},
{"scope":"c:spring","bucket":"2026-10-01T14:00:00+00:00","clicks_3":1,"uniq_clicks":1,"uniq_clicks_3":1},
{"scope":"c:spring","bucket":"2026-11-30T12:00:00+00:00","opens_0":1},
{"scope":"c:weak","bucket":"-infinity","opens_3":1,"uniq_opens":1,"uniq_opens_3":1},
{"scope":"c:weak","bucket":"2026-10-01T12:00:00+00:00","opens_3":1,"uniq_opens":1,"uniq_opens_3":1},
{"scope":"t:news","bucket":"-infinity","opens_0":2,"clicks_0":1,"clicks_3":1,"of_links":3,"of_pixel":3,"prepared":3,"of_bounced":1,"recipients":3,"uniq_opens":1,"uniq_clicks":2,"uniq_bounced":1,"uniq_opens_0":1,"uniq_clicks_0":1,"uniq_clicks_3":1,"bounced_events":1,"of_pixel_opened":1,"of_links_clicked":1,"uniq_opens_at_most":1,"uniq_clicks_at_most":1,"of_pixel_opened_at_most":1,"of_links_clicked_at_most":1},
{"scope":"t:news","bucket":"2026-09-30T12:00:00+00:00","of_links":3,"of_pixel":3,"prepared":3,"of_bounced":1,"recipients":3,"of_pixel_opened":1,"of_links_clicked":1,"of_pixel_opened_at_most":1,"of_links_clicked_at_most":1},
{"scope":"t:news","bucket":"2026-10-01T12:00:00+00:00","opens_0":1,"uniq_opens":1,"uniq_bounced":1,"uniq_opens_0":1,"bounced_events":1,"uniq_opens_at_most":1},
{"scope":"t:news","bucket":"2026-10-01T13:00:00+00:00","clicks_0":1,"uniq_clicks":1,"uniq_clicks_0":1,"uniq_clicks_at_most":1},
{"scope":"t:news","bucket":"2026-10-01T14:00:00+00:00","clicks_3":1,"uniq_clicks":1,"uniq_clicks_3":1},
{"scope":"t:news","bucket":"2026-11-30T12:00:00+00:00","opens_0":1}
]');
