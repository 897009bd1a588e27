-- Calls of hospital systems that come late: one that another has superseded since changes nothing, unless its
-- caller shows to know the present state. Who goes back to an old one on purpose does.

CREATE OR REPLACE FUNCTION dossier_lib.call_superseded(p jsonb, p_call text, p_calls text[], p_tag text)
RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(p_call = ANY (p_calls[2:]), false)
       AND NOT (btrim(coalesce(p ->> 'if_match', '*')) <> '*' AND dossier_lib.tag_among(p_tag, p ->> 'if_match'))
$$;

-- With this one in force; the empty one belongs to no call.
CREATE OR REPLACE FUNCTION dossier_lib.calls_with(p_calls text[], p_call text) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT (p_call || array_remove(p_calls, p_call))[:100]
$$;

-- One that says nothing of the document: the one that does stays in force.
CREATE OR REPLACE FUNCTION dossier_lib.calls_noted(p_calls text[], p_call text) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT (coalesce(p_calls[1], '') || (p_call || array_remove(p_calls[2:], p_call)))[:100]
$$;

-- A document that has ended keeps of its calls what could still bring an old file back, or be taken for one about a
-- later file; the others would let somebody guess at its title.
CREATE OR REPLACE FUNCTION dossier_lib.calls_ended(p_calls text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT ''::text || ARRAY(SELECT c FROM unnest(p_calls) WITH ORDINALITY AS u (c, n) 
        WHERE c LIKE 'republish %' OR c LIKE 'release%' OR c = 'withdraw' ORDER BY n)
$$;

CREATE OR REPLACE FUNCTION dossier_lib.acceptance_call(p jsonb) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT dossier_lib.digest(jsonb_strip_nulls(jsonb_build_object('facility', p -> 'facility', 'mobile', p -> 'mobile',
        'email', p -> 'email', 'patient', (p -> 'patient') - 'codice_fiscale',
        'online_pickup', p -> 'online_pickup'))::text)
$$;
