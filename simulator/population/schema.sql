-- The synthetic population in PostgreSQL: a table of the records, made anew as a whole and never changed.

DROP TABLE IF EXISTS citizen_unfinished;

-- The columns are the field codes of the syntax's catalogue (Luật Căn cước 2023, Điều 9).
-- Made beside the one that stands, whose readers go on meanwhile.
CREATE TABLE citizen_unfinished (
    full_name                text NOT NULL,
    other_name               text,
    citizen_id               text COLLATE "C" NOT NULL,  -- digits: compared as bytes, which is faster than by language
    date_of_birth            date NOT NULL,
    sex                      text NOT NULL,
    place_of_birth           text NOT NULL,
    birth_registration_place text NOT NULL,
    place_of_origin          text NOT NULL,
    ethnicity                text NOT NULL,
    religion                 text NOT NULL,
    nationality              text NOT NULL,
    blood_type               text NOT NULL,
    old_id_number            text,
    card_issue_date          date NOT NULL,
    card_issue_place         text NOT NULL,
    card_expiry_date         date,                       -- NULL: valid for good
    relatives                text NOT NULL,
    permanent_residence      text NOT NULL,
    temporary_residence      text,
    current_residence        text NOT NULL,
    absence_declaration      text,
    residence_file_number    text NOT NULL,
    marital_status           text NOT NULL,
    relation_to_head         text NOT NULL,
    household                text NOT NULL,
    death_or_missing_date    date,
    contact                  text,
    other                    text
);

-- What the table above holds; one row. Written in the same transaction, so it never says more than is there.
CREATE TABLE IF NOT EXISTS synthetic_population (
    citizens bigint  NOT NULL,
    seed     bigint  NOT NULL,
    version  integer NOT NULL
);
