-- The same (0005), but only the month is held until it is dropped. Whoever has read the ledger and writes into it before their transaction
-- ends waited for who dropped a month, who waited for them.
CREATE OR REPLACE FUNCTION haian.drop_audit(month date, at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = haian, pg_temp SET timezone = 'UTC' AS $$
DECLARE name text := 'audit_' || to_char($1, 'YYYYMM'); first date := date_trunc('month', $1); gone int; unsealed int;
BEGIN
    IF $2 < first + interval '37 months' THEN RAISE EXCEPTION 'the ledger of % is kept until %', first, first + interval '37 months'; END IF;
    IF to_regclass('haian.' || name) IS NULL THEN RETURN false; END IF;
    PERFORM FROM audit_sealing FOR UPDATE;
    EXECUTE format('LOCK TABLE haian.%I IN SHARE ROW EXCLUSIVE MODE', name);
    EXECUTE format('SELECT count(*), count(*) FILTER (WHERE xid >= (SELECT sealed_to FROM audit_sealing)) FROM haian.%I', name)
        INTO gone, unsealed;
    IF unsealed > 0 THEN RAISE EXCEPTION '% has lines that are not sealed yet', name; END IF;
    PERFORM add_seal('DROPPED', first, gone, '', $2);
    EXECUTE format('ALTER TABLE haian.audit DETACH PARTITION haian.%I', name);
    EXECUTE format('DROP TABLE haian.%I', name);
    RETURN true;
END $$;
