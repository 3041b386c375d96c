-- The roles of the service and its two databases. Once a cluster, by a superuser; running it again changes nothing but passwords.
--
--   psql -X -d postgres -f cluster.sql
--   SMS_PASSWORDS=/run/secrets psql -X -d postgres -f cluster.sql      also sets passwords, each from the file of its role's name
--
-- Where the population is a database of the department's own, only sms_population is needed there.

\set ON_ERROR_STOP on

-- sms_owner       owns the schema; migrates and grants. No process that runs all day has its password.
-- sms_gateway     the gateways: what their statements need, and nothing more (journal.sql)
-- sms_auditor     reads endings and the audit trail: audit verify, cdr
-- sms_population  reads the citizens' records (population.sql)
SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', name)
FROM unnest(ARRAY['sms_owner', 'sms_gateway', 'sms_auditor', 'sms_population']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

-- A net below the rights: whoever grants them too much has still to say that they mean to write.
ALTER ROLE sms_auditor SET default_transaction_read_only = on;
ALTER ROLE sms_population SET default_transaction_read_only = on;

SELECT format('CREATE DATABASE %I OWNER sms_owner', name)
FROM unnest(ARRAY['journal', 'population']) AS name
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name)
\gexec

-- Passwords never stand in an argument, where every process of the machine could read them. A file that is missing or empty
-- leaves its role without a password: nobody logs in as it over the network.
\getenv passwords SMS_PASSWORDS
\if :{?passwords}
SET password_encryption = 'scram-sha-256';
\set password `cat "$SMS_PASSWORDS/sms_owner"`
ALTER ROLE sms_owner PASSWORD :'password';
\set password `cat "$SMS_PASSWORDS/sms_gateway"`
ALTER ROLE sms_gateway PASSWORD :'password';
\set password `cat "$SMS_PASSWORDS/sms_auditor"`
ALTER ROLE sms_auditor PASSWORD :'password';
\set password `cat "$SMS_PASSWORDS/sms_population"`
ALTER ROLE sms_population PASSWORD :'password';
\endif
