"""The panel's page: one form for all operators, made of the artists' controls."""

from __future__ import annotations

import html
from dataclasses import asdict
from typing import TYPE_CHECKING

from interneg_resolve.mattes import MATTE_TRACK
from interneg_resolve.wish import OPERATORS, PLACES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from interneg_bridge.controls import NumberControl, TextControl
    from interneg_resolve.wish import Wish

_OWN_FIELDS = {
    "clean": (("matte", "Matte", f"A pattern or a movie. Empty: the clip's matte, or the track {MATTE_TRACK}."),),
    "relight": (("matte", "Matte", "Where the light may change: a pattern or a movie. Empty: everywhere."),),
    "reframe": (("keys", "Keys", "A JSON file of framings by source frame. Empty: the values above on every frame."),),
}
_SHARED_FIELDS = (
    ("colourspace", "Colour space", "The source's OpenColorIO space. Empty: what the file says."),
    ("results_folder", "Results", "Where results lie. Empty: Interneg's own folder."),
    ("handles", "Handles", "Frames either side, where the media has them."),
)

_STYLE = """
body{background:#28282e;color:#ccc;font:14px sans-serif;max-width:44em;margin:2em auto;padding:0 1em}
label{display:grid;grid-template-columns:9em 1fr;margin:.35em 0}small{grid-column:2;color:#888}
input,select,button{background:#1b1b1f;color:#ddd;border:1px solid #444;padding:.35em;font:inherit}
button{cursor:pointer;margin-right:.5em}progress,img{width:100%}pre{white-space:pre-wrap;background:#1b1b1f;padding:.7em}
fieldset{border:0;padding:0;margin:0}fieldset[hidden]{display:none}
"""

_SCRIPT = """
const form=document.forms[0],at=name=>document.getElementById(name);let pictures=0;
const choose=()=>{for(const set of document.querySelectorAll('fieldset[data-operator]')){
  const on=set.dataset.operator===form.elements.operator.value;set.hidden=!on;set.disabled=!on}
  at('preview').hidden=form.elements.operator.value!=='relight'};
const send=(verb,body)=>fetch(verb,{method:'POST',body,headers:{'X-Interneg':'panel'}});
form.elements.operator.onchange=choose;choose();
form.onsubmit=event=>{event.preventDefault();send('wish',new URLSearchParams(new FormData(form)))};
at('preview').onclick=()=>send('preview',new URLSearchParams(new FormData(form)));
at('cancel').onclick=()=>send('cancel');at('look').onclick=()=>send('look');
const poll=async()=>{try{const state=await(await fetch('state')).json();at('item').textContent=state.item;
  at('bar').value=state.fraction;at('line').textContent=state.line;at('lines').textContent=state.lines.join('\\n');
  if(state.pictures!==pictures){pictures=state.pictures;at('picture').hidden=false;at('picture').src='picture?'+pictures}
  at('render').disabled=at('preview').disabled=state.is_busy;at('cancel').disabled=!state.is_busy;setTimeout(poll,500)}
  catch(error){at('line').textContent='The panel has ended. Open it again from Workspace > Scripts > Interneg.'}};
poll();
"""


def page(wish: Wish, shows: Sequence[str]) -> str:
    """The page with the last wish filled in."""
    operators = "".join(_operator_fields(operator, wish) for operator in OPERATORS)
    shared = "".join(_text(name, label, tip, wish) for name, label, tip in _SHARED_FIELDS)
    known = "".join(f'<option value="{html.escape(show)}">' for show in shows)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Interneg</title><style>{_STYLE}</style>'
        f'<h2>Interneg</h2><p id="item"></p><form>{_choice("operator", "Operator", OPERATORS, wish)}'
        f'<datalist id="shows">{known}</datalist>{operators}{shared}{_choice("place", "Place", PLACES, wish)}'
        '<p><button id="render">Render</button><button type="button" id="preview">Preview</button>'
        '<button type="button" id="cancel">Cancel</button>'
        '<button type="button" id="look">Look at the playhead again</button></p></form>'
        '<progress id="bar" max="1" value="0"></progress><p id="line"></p>'
        '<img id="picture" alt="The preview" hidden><pre id="lines"></pre>'
        f"<script>{_SCRIPT}</script></html>"
    )


def _operator_fields(operator: str, wish: Wish) -> str:
    """One operator's controls."""
    from interneg_bridge.controls import operator_controls

    controls = operator_controls(operator)
    everything: tuple[TextControl | NumberControl, ...] = (*controls.texts, *controls.numbers)
    fields = "".join(_text(control.name, control.label, control.help, wish) for control in everything)
    own = "".join(_text(name, label, tip, wish) for name, label, tip in _OWN_FIELDS[operator])
    return f'<fieldset data-operator="{operator}"><small>{html.escape(controls.help)}</small>{fields}{own}</fieldset>'


def _text(name: str, label: str, tip: str, wish: Wish) -> str:
    """One field with its help."""
    value = html.escape(str(asdict(wish)[name]))
    shows = ' list="shows"' if name == "show" else ""
    return (
        f'<label>{html.escape(label)}<input name="{name}" value="{value}"{shows} autocomplete="off">'
        f"<small>{html.escape(tip)}</small></label>"
    )


def _choice(name: str, label: str, values: Sequence[str], wish: Wish) -> str:
    """One choice."""
    chosen = asdict(wish)[name]
    options = "".join(f"<option{' selected' if value == chosen else ''}>{value}</option>" for value in values)
    return f'<label>{label}<select name="{name}">{options}</select></label>'
