-- The gateways read the citizens' records, and nothing else. By the owner of the table or view that `population.query` asks, and
-- again whenever that has been made anew. Nobody else's rights are touched: the database may serve others too.
--
--   psql -X -d population -U sms_owner -f population.sql                                     the synthetic population's table
--   psql -X -d ... -U ... -v schema=service -v relation=sms_citizen -f population.sql        a view of the department's own
--
-- A view with the columns that the syntax can disclose is better than the table: what is not in it cannot leave.

\set ON_ERROR_STOP on
\if :{?schema}
\else
\set schema public
\endif
\if :{?relation}
\else
\set relation citizen
\endif
BEGIN;

SELECT format('GRANT CONNECT ON DATABASE %I TO sms_population', current_database()) \gexec
REVOKE ALL ON SCHEMA :"schema" FROM sms_population;
GRANT USAGE ON SCHEMA :"schema" TO sms_population;
REVOKE ALL ON ALL TABLES IN SCHEMA :"schema" FROM sms_population;
GRANT SELECT ON :"schema".:"relation" TO sms_population;

COMMIT;
