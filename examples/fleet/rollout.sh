#!/bin/sh
# Roll a manifest out to machines: plan, apply and verify on each, in waves, with one report per machine.
#
#   rollout.sh [options] INVENTORY     every machine of a list
#   rollout.sh [options] --local       this machine alone, as device management would run it (as the user, not as root)
#
#   -m, --manifest PATH   the manifest here; its YAML files, and those of the folders beside it, are sent along (mcpconf.yaml)
#   --reports DIR         a new folder for the reports (rollout-TIME)
#   --canary N            machines of the first wave, from the top of the list; 0 for one wave (1)
#   --max-failed N        begin no other machine once more than N have failed (0)
#   --parallel N          machines at the same time (4)
#   --limit SECONDS       for all that is done on one machine (300)
#   --tries N             for one that is locked by another mcpconf (3), --pause SECONDS apart (10)
#   --command PATH        mcpconf on the machines (mcpconf)
#   --ssh-config FILE     for `ssh -F`
#   --dry-run             plan only; every machine is asked, nothing is written on any but the manifest that is sent
#
# A line of the inventory is a name and how to reach it, `#` begins a comment:
#
#   lena      ssh lena@10.0.3.17
#   build-1   ssh ssh://ci@build-1.example.org:2222
#   sample    --root machines/sample
#
# What mcpconf exits with, and what is done about it:
#
#   0    as asked: go on
#   1    no plan can be made, here or anywhere else: the machine failed, and the rollout stops
#   2    of plan: changes, go on; of verify: it still `differs`, a person has to look, and the rollout goes on
#   3    blocked by policy or held: the machine is `blocked`, and the rollout stops
#   4    of apply: stale or in conflict, nothing was written: plan and apply once more, then it is a `conflict`: failed
#   5    of apply: only what takes away was written: failed
#   6    of apply: stopped half-way: `mcpconf recover`, then apply once more; failed if that does not settle it
#   7    locked by another mcpconf: wait and try again, then failed
#   8    something could not be checked: go on with the rest; in the end it is `unchecked`, never `ok`
#   64   the words were not understood, so this script and that mcpconf do not fit: failed, and the rollout stops
#   70   a bug of mcpconf: failed
#   130  or another signal ended it there: failed
#   Besides: 65 the answer is none of mcpconf, 66 the manifest could not be sent, 124 the limit of time, 126 and 127 no mcpconf there, 255 not reachable by ssh. All of them failed.
#
# The reports are JSON of mode 0600: NAME.json for each machine, also for one that was not begun; summary.txt is the table.
# This script exits 0 if all are `ok` (with --dry-run: without changes), 2 if some differ, 8 if some are unchecked, 1 if
# some failed, 3 if it stopped and left machines out, 64 if it was called wrongly, 130 if it was interrupted. The worst
# counts: 130, 3, 1, 8, 2, 0. An interrupt lets the machines at work finish; nothing ever asks.

# shellcheck disable=SC2016  # text in single quotes is for people, for awk, or for the shell of another machine
set -u
umask 077
LC_ALL=C GIT_TERMINAL_PROMPT=0 COPYFILE_DISABLE=1
export LC_ALL GIT_TERMINAL_PROMPT COPYFILE_DISABLE

wrong() { # MESSAGE
	printf 'error: %s\n  hint: `%s --help` shows what it takes\n' "$1" "${0##*/}" >&2
	exit 64
}

number() { # OPTION VALUE
	case ${2-} in '' | *[!0-9]* | 0?* | ???????*) wrong "$1 takes a number" ;; esac
}

manifest=mcpconf.yaml canary=1 max_failed=0 parallel=4 limit=300 tries=3 pause=10
command=mcpconf reports='' ssh_config='' dry_run=false local='' inventory=''
while [ $# -gt 0 ]; do
	case $1 in
	--help | -h) sed -n '/^$/q; s/^# \{0,1\}//p' "$0"; exit 0 ;;
	--dry-run) dry_run=true ;;
	--local) local=yes ;;
	-*)
		[ $# -gt 1 ] || wrong "$1 takes a value, or is no option"
		case $1 in
		-m | --manifest) manifest=$2 ;;
		--reports) reports=$2 ;;
		--canary) number "$@"; canary=$2 ;;
		--max-failed) number "$@"; max_failed=$2 ;;
		--parallel) number "$@"; parallel=$2 ;;
		--limit) number "$@"; limit=$2 ;;
		--tries) number "$@"; tries=$2 ;;
		--pause) number "$@"; pause=$2 ;;
		--command) command=$2 ;;
		--ssh-config) ssh_config=$2 ;;
		*) wrong "there is no option $1" ;;
		esac
		shift
		;;
	*) [ -z "$inventory" ] || wrong 'one inventory is taken'; inventory=$1 ;;
	esac
	shift
done
[ -n "$local$inventory" ] || wrong 'an inventory is needed, or --local'
[ -z "$local" ] || [ -z "$inventory" ] || wrong 'it is either an inventory or --local'
[ "$parallel" -gt 0 ] && [ "$tries" -gt 0 ] && [ "$limit" -gt 0 ] || wrong '--parallel, --tries and --limit begin at 1'
[ -f "$manifest" ] && [ -r "$manifest" ] || wrong "there is no manifest $manifest"
case $manifest in */*) folder=${manifest%/*}/ ;; *) folder=./ ;; esac
case ${manifest##*/} in *[!A-Za-z0-9._-]* | -*) wrong 'the name of the manifest has letters, digits, `.`, `_` and `-`' ;; esac

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/names" "$work/claims" "$work/failed" "$work/at" "$work/rows" || exit 1

# The inventory is read whole and checked before any machine is begun. No text of it is ever part of a command line that a
# shell reads: names and targets are of harmless letters, and a folder goes as one argument.
bad_line() { wrong "$inventory:$line_number: $1"; }

read_inventory() {
	case $inventory in */*) beside=${inventory%/*}/ ;; *) beside=./ ;; esac
	line_number=0 place=0
	while IFS= read -r line || [ -n "$line" ]; do
		line_number=$((line_number + 1))
		line=$(printf '%s' "$line" | tr -d '\r' | tr '\t' ' ')
		case $line in *[[:cntrl:]]*) bad_line 'a control character' ;; esac
		IFS=' ' read -r name kind where <<-END
			$line
		END
		case $name in '' | '#'*) continue ;; esac
		case $name in *[!A-Za-z0-9._-]* | [!A-Za-z0-9]*) bad_line 'a name has letters, digits, `.`, `_` and `-`' ;; esac
		[ ${#name} -le 64 ] || bad_line 'a name has 64 characters at most'
		mkdir "$work/names/$(printf '%s' "$name" | tr '[:upper:]' '[:lower:]')" 2>/dev/null || bad_line "$name is there twice"
		case $kind in
		ssh) case $where in '' | -* | *[!A-Za-z0-9._@:/%-]* | *@-* | *//-*) bad_line 'this is no target for ssh' ;; esac ;;
		--root)
			case $where in
			'') bad_line '--root takes a folder' ;;
			/*) ;;
			*) where=$beside$where ;;
			esac
			;;
		*) bad_line 'write `ssh TARGET` or `--root DIR` after the name' ;;
		esac
		place=$((place + 1))
		wave=2
		[ "$place" -gt "$canary" ] || wave=1
		printf '%s %s %s %s\n' "$wave" "$name" "$kind" "$where" >>"$work/machines"
	done <"$inventory"
	[ -s "$work/machines" ] || wrong "$inventory names no machine"
}

if [ -n "$local" ]; then
	name=$(uname -n | tr -c 'A-Za-z0-9._\n-' '-' | sed 's/^[^A-Za-z0-9]*//' | cut -c 1-64)
	printf '1 %s --local -\n' "${name:-here}" >"$work/machines"
else
	[ -f "$inventory" ] && [ -r "$inventory" ] || wrong "there is no inventory $inventory"
	read_inventory
fi

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }
run=$(date -u +%Y%m%dT%H%M%SZ)-$$
reports=${reports:-rollout-$run}
mkdir "$reports" 2>/dev/null || wrong "$reports is there already, or cannot be made; each rollout gets a folder of its own"
commit=$(git -C "$folder" -c core.fsmonitor=false rev-parse --verify HEAD 2>/dev/null)
dirty=null
case $commit in
*[!0-9a-f]* | '') commit=null ;;
*)
	commit="\"$commit\"" dirty=false
	[ -z "$(git -C "$folder" -c core.fsmonitor=false status --porcelain -- . 2>/dev/null | head -n 1)" ] || dirty=true
	;;
esac

# Prints the wanted members of an answer of mcpconf, each with a comma; exits 1 if the answer is no JSON as mcpconf prints it:
# one value a line, two spaces a level. So a report stays JSON whatever a machine has answered.
members='
BEGIN {
	string = "\"([^\"\\\\]|\\\\([\"\\\\/bfnrt]|u[0-9a-f][0-9a-f][0-9a-f][0-9a-f]))*\""
	value = "^(" string "|-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?|true|false|null|{}|\\[\\])$"
	count = split(keys, list, " ")
	for (i = 1; i <= count; i++) wanted[list[i]] = 1
}
function bad() { failed = 1; exit 1 }
{
	if (/[^ -~]/ || (NR > 1 && depth == 0)) bad()
	match($0, /^ */); indent = RLENGTH; text = substr($0, indent + 1)
	comma = text ~ /,$/
	if (comma) text = substr(text, 1, length(text) - 1)
	if (text == "}" || text == "]") {
		if (depth == 0 || text != closing[depth] || expected) bad()
		opened = 0
		if (indent != 2 * --depth) bad()
	} else {
		if (indent != 2 * depth || (NR > 1 && !opened && !expected)) bad()
		if (closing[depth] == "}") {
			if (!match(text, "^" string ": ")) bad()
			if (depth == 1) shown = substr(text, 2, RLENGTH - 4) in wanted
			text = substr(text, RLENGTH + 1)
		}
		opened = text == "{" || (text == "[" && NR > 1)
		if (opened ? comma : text !~ value || NR == 1) bad()
		if (opened) closing[++depth] = text == "{" ? "}" : "]"
	}
	expected = comma
	if (shown && depth) kept = kept $0 (depth == 1 && !opened && !comma ? "," : "") "\n"
}
END { if (failed || depth || expected || !NR) exit 1; printf "%s", kept }
'

# What follows runs in a subshell for one machine: $name, $kind, $where and $wave say which, $mine is its scratch folder.
bounded() { # INPUT WORDS...: run them until the time of the machine is over; output in $answer and $said
	bounded_input=$1
	shift
	[ "$(date +%s)" -lt "$deadline" ] || return 124
	(ulimit -f 131072 && exec "$@") <"$bounded_input" >"$answer" 2>"$said" &
	child=$!
	(
		while [ "$(date +%s)" -lt "$deadline" ]; do sleep 1; done
		: >"$mine/late"
		kill -TERM "$child"
		sleep 5
		kill -KILL "$child"
	) >/dev/null 2>&1 </dev/null &
	watch=$!
	wait "$child"
	ended=$?
	kill "$watch" 2>/dev/null
	wait "$watch" 2>/dev/null
	[ ! -e "$mine/late" ] || ended=124
	return "$ended"
}

quoted() { printf "'" && printf '%s' "$1" | sed "s/'/'\\\\''/g" && printf "' "; }

over_ssh() { # INPUT COMMAND
	ssh_input=$1 ssh_command=$2
	set -- ssh -T -o BatchMode=yes -o ConnectTimeout=15
	[ -z "$ssh_config" ] || set -- "$@" -F "$ssh_config"
	bounded "$ssh_input" "$@" -- "$where" "$ssh_command"
}

step() { # WORDS...: run mcpconf on the machine; exit code in $code, answer in $answer
	count=$((count + 1)) said=$mine/said.$count answer=$mine/answer.$count
	set -- "$@" --format json
	: >"$answer"
	case $kind in
	ssh) # the login shell there, whichever it is, reads the word `sh`; the rest comes to that sh on its standard input
		{
			printf 'cd %s || exit 126\nPATH=$PATH:$HOME/.local/bin:/usr/local/bin:/opt/homebrew/bin\nexport PATH\nexec ' "$there"
			for word in "$command" "$@"; do quoted "$word"; done
			printf '</dev/null\n'
		} >"$mine/script"
		over_ssh "$mine/script" sh
		;;
	--root) bounded /dev/null "$command" "$@" --root "$where" ;;
	*) bounded /dev/null "$command" "$@" ;;
	esac
	code=$?
	steps="$steps${steps:+, }{\"run\": \"$1\", \"exit_code\": $code}"
	case $1 in
	plan) plan_code=$code seen=$answer ;;
	apply) apply_code=$code done=$answer ;;
	recover) done=$answer ;;
	verify) verify_code=$code seen=$answer ;;
	esac
	[ "$code" -gt 8 ] || awk "$members" "$answer" >/dev/null || code=65
	[ "$code" != 0 ] || grep -q '^  "exit_code": 0,\{0,1\}$' "$answer" || code=65
}

look() { step plan --detailed-exitcode "--manifest=$named"; }

# Give each machine what its exit codes ask for. Ends with the last step that counts, in $code.
visit() {
	if [ "$kind" = ssh ]; then
		there=.cache/mcpconf-rollout/$run named=${manifest##*/}
		answer=$mine/sent said=$mine/said.0
		over_ssh "$work/manifest.tar" "sh -c 'umask 077 && mkdir -p $there && tar -xof - -C $there'"
		case $? in 0) ;; 124) code=124 ;; 255) code=255 ;; *) code=66 ;; esac
		[ "$code" = 0 ] || return
	fi
	look
	last=plan
	case $code in 0 | 2 | 8) ;; *) return ;; esac
	[ "$dry_run" = false ] || return 0
	waits=1 stale='' halfway=''
	while :; do
		step apply --yes "--lock-timeout=$pause" "--manifest=$named"
		last=apply
		case $code in
		4)
			[ -z "$stale" ] || return 0
			stale=yes
			look
			case $code in 0 | 2 | 8) ;; *) last=plan; return ;; esac
			;;
		6)
			[ -z "$halfway" ] || return 0
			halfway=yes
			step recover "--lock-timeout=$pause"
			last=recover
			case $code in 0 | 7) ;; *) return ;; esac
			;;
		7)
			[ "$waits" -lt "$tries" ] || return 0
			waits=$((waits + 1))
			;;
		*) break ;;
		esac
	done
	case $code in 0 | 8) ;; *) return ;; esac
	step verify "--manifest=$named"
	last=verify
}

judge() { # what the end of the visit means: $result, $words, and whether the rollout stops
	result=failed words='' stops=''
	case $code in
	0) result=ok ;;
	1) words='no plan can be made' stops=yes ;;
	2) result=differs words="$last says that it differs" ;;
	3) result=blocked words='blocked by policy, or held' stops=yes ;;
	4) result=conflict words='in conflict, nothing was written' ;;
	5) words='only what takes away was written' ;;
	6) words='stopped half-way; recover it there' ;;
	7) words='locked by another mcpconf' ;;
	8) result=unchecked words='something could not be checked' ;;
	64) words='this script and that mcpconf do not fit' stops=yes ;;
	65) words='the answer is none of mcpconf' ;;
	66) words='the manifest could not be sent' ;;
	70) words='a bug of mcpconf' ;;
	124) words='out of time' ;;
	126 | 127) words="there is no $command" ;;
	255) result=unreachable words='not reachable' ;;
	*) words="ended by $code" ;;
	esac
	[ "$dry_run" = false ] || stops=''
}

report() { # what is known of a machine, whole or not at all
	{
		printf '{\n  "format": 1,\n  "name": "%s",\n  "reach": "%s",\n  "wave": %s,\n' "$name" "$kind" "$wave"
		printf '  "result": "%s",\n  "words": "%s",\n  "dry_run": %s,\n' "$result" "$words" "${dry_run:-false}"
		printf '  "begun": %s,\n  "ended": "%s",\n  "commit": %s,\n  "dirty": %s,\n' "$begun" "$(now)" "$commit" "$dirty"
		printf '  "steps": [%s],\n' "$steps"
		awk -v keys='mcpconf_version origin drift unmanaged residue unknowns findings summary' "$members" "$seen"
		awk -v keys='end applied not_attempted rolled_back held failures backups restart' "$members" "$done"
		awk -v keys='error' "$members" "$answer"
		printf '  "said": "%s"\n}\n' "$(tail -n 1 "$said" | tr -cd ' -~' | cut -c 1-300 | sed 's/["\\]/\\&/g')"
	} >"$reports/.$name.json" 2>/dev/null
	if [ "$(tail -n 1 "$reports/.$name.json" 2>/dev/null)" != '}' ] || ! mv -f "$reports/.$name.json" "$reports/$name.json"; then
		: >"$work/unreported"
	fi
	printf '%s %s %s %s %s %s %s\n' "$name" "$wave" "$result" "$plan_code" "$apply_code" "$verify_code" "$words" >"$work/rows/$name"
}

blank() {
	result=left-out words='not begun' begun=null steps='' count=0 code=0
	plan_code=- apply_code=- verify_code=- named=$manifest
	seen=/dev/null done=/dev/null answer=/dev/null said=/dev/null
}

machine() {
	blank
	mine=$work/at/$name deadline=$(($(date +%s) + limit)) begun="\"$(now)\""
	mkdir "$mine"
	visit
	judge
	case $result in ok | differs | unchecked) ;; *) mkdir "$work/failed/$name" ;; esac
	[ -z "$stops" ] || : >"$work/stop"
	[ "$code" -ge 64 ] || said=/dev/null
	report
	printf '%s: %s%s\n' "$name" "$result" "${words:+, $words}" >&2
	if [ "$kind" = ssh ] && [ "$code" != 255 ]; then
		rm -f "$mine/late"
		deadline=$(($(date +%s) + 30)) answer=/dev/null said=/dev/null
		over_ssh /dev/null "rm -rf $there"
	fi
}

goes_on() {
	[ ! -e "$work/interrupted" ] || return 1
	[ "$dry_run" = false ] || return 0
	set -- "$work"/failed/*
	[ -e "$1" ] || set --
	[ ! -e "$work/stop" ] && [ $# -le "$max_failed" ]
}

work_through() { # WAVE: one of several that take the machines of a wave from the list, each machine once
	while read -r wave name kind where; do
		if [ "$wave" = "$1" ] && goes_on && mkdir "$work/claims/$name" 2>/dev/null; then (machine) </dev/null; fi
	done <"$work/machines"
}

if grep -q '^. [^ ]* ssh ' "$work/machines"; then
	(
		cd -- "$folder" && find . -name '.?*' -prune -o -type d -exec test -e '{}/machine.yaml' \; -prune -o \
			-type f \( -name '*.yaml' -o -name '*.yml' \) -exec tar -rf "$work/manifest.tar" {} +
	) || exit 1
fi
while read -r wave name kind where; do
	blank
	report
done <"$work/machines"

trap '' HUP
trap ': >"$work/interrupted"; trap - INT TERM; echo "interrupted: the machines at work are finished first" >&2' INT TERM
for wave in 1 2; do
	workers='' count=0
	while [ "$count" -lt "$parallel" ]; do
		count=$((count + 1))
		work_through "$wave" &
		workers="$workers $!"
	done
	for worker in $workers; do
		while kill -0 "$worker" 2>/dev/null; do wait "$worker"; done
	done
done

# The table, and the exit code of the whole.
while read -r wave name kind where; do cat "$work/rows/$name"; done <"$work/machines" >"$work/table"
awk '
{ for (i = 1; i <= 6; i++) { cell[NR, i] = $i; if (length($i) > width) width = (i == 1) ? length($i) : width; $i = "" } sub(/^ */, ""); rest[NR] = $0; count[cell[NR, 3]]++ }
END {
	form = "%-" (width < 7 ? 7 : width) "s  %4s  %-11s  %4s  %5s  %6s  %s"
	line = sprintf(form, "machine", "wave", "result", "plan", "apply", "verify", ""); sub(/ *$/, "", line); print line
	for (n = 1; n <= NR; n++) {
		line = sprintf(form, cell[n, 1], cell[n, 2], cell[n, 3], cell[n, 4], cell[n, 5], cell[n, 6], rest[n])
		sub(/ *$/, "", line); print line
	}
	said = NR (NR == 1 ? " machine" : " machines")
	split("ok differs unchecked blocked conflict unreachable failed left-out", names, " ")
	for (n = 1; n <= 8; n++) if (count[names[n]]) said = said (listed++ ? ", " : ": ") count[names[n]] " " names[n]
	print said
}' "$work/table" >"$reports/summary.txt"
cat "$reports/summary.txt"
printf 'reports: %s\n' "$reports"
has() { grep -q "^[^ ]* . $1 " "$work/table"; }
[ ! -e "$work/unreported" ] || { echo 'error: a report could not be written' >&2; exit 1; }
[ ! -e "$work/interrupted" ] || exit 130
has left-out && exit 3
has failed || has blocked || has conflict || has unreachable && exit 1
has unchecked && exit 8
has differs && exit 2
exit 0
