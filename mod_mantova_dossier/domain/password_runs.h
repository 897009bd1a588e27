/* Passwords that a finger makes rather than a head. `folded` is lower case (password_personal.h).
 */
#ifndef DOSSIER_DOMAIN_PASSWORD_RUNS_H
#define DOSSIER_DOMAIN_PASSWORD_RUNS_H

/* One block of 1 to 4 characters over and over: "aaaaaaaaaaaa", "abc1abc1abc1a". */
int dossier_password_is_repetition(const char *folded);

/* Nothing but a few stretches of the alphabet, the digits or the keyboard, in either direction:
   "abcdefghijkl", "0987654321qwerty", "aaaabbbbcccc". */
int dossier_password_is_runs(const char *folded);

#endif
