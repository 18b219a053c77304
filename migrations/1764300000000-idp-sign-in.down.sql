DROP TABLE idp_session;
