// SPDX-License-Identifier: Apache-2.0
/* How the HTML report looks. */
#include "report/html_parts.h"

const char html_style[] =
	":root{color-scheme:light dark;--fg:#1a1d21;--bg:#fff;--dim:#616970;--line:#d8dce0;"
	"--bad:#b3261e;--good:#1a7f37;--queue:#8250df;--device:#0969da;--total:#57606a}\n"
	"@media(prefers-color-scheme:dark){:root{--fg:#e6e8eb;--bg:#15181c;--dim:#9aa3ab;"
	"--line:#33393f;--bad:#ff8a80;--good:#57d364;--queue:#bc8cff;--device:#58a6ff;"
	"--total:#9aa3ab}}\n"
	"body{font:15px/1.45 system-ui,sans-serif;color:var(--fg);background:var(--bg);"
	"max-width:64rem;margin:0 auto;padding:1rem}\n"
	"h1{font-size:1.4rem;margin:.4rem 0}h2{font-size:1.15rem;margin:1.6rem 0 .3rem;"
	"border-top:1px solid var(--line);padding-top:.8rem}h3{font-size:1rem;margin:1rem 0 "
	".2rem}\n"
	"small,.dim{color:var(--dim);font-weight:normal}.bad{color:var(--bad)}"
	".good{color:var(--good)}p{margin:.2rem 0}\n"
	"table{border-collapse:collapse;margin:.3rem 0;font-variant-numeric:tabular-nums}"
	"td,th{padding:.1rem .8rem .1rem 0;text-align:left;border-bottom:1px solid var(--line);"
	"vertical-align:top;overflow-wrap:anywhere}\n"
	"th{color:var(--dim);font-weight:normal}.n{text-align:right;white-space:nowrap}\n"
	"section{overflow-x:auto}svg{display:block;max-width:100%;height:auto;margin:.4rem 0}"
	"svg text{font-size:11px;fill:var(--dim)}svg line{stroke:var(--line)}\n"
	".queue rect{fill:var(--queue)}.device rect{fill:var(--device)}"
	".total rect{fill:var(--total)}summary{cursor:pointer;color:var(--dim)}\n";
