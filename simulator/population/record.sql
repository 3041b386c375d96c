-- A citizen's record by their ID: the query of a gateway that stands on the synthetic population.
SELECT full_name, other_name, citizen_id, date_of_birth, sex, place_of_birth, birth_registration_place, place_of_origin,
       ethnicity, religion, nationality, blood_type, old_id_number, card_issue_date, card_issue_place, card_expiry_date,
       relatives, permanent_residence, temporary_residence, current_residence, absence_declaration,
       residence_file_number, marital_status, relation_to_head, household, death_or_missing_date, contact, other
FROM citizen
WHERE citizen_id = ANY($1)
