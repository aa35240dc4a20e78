"""Puts Interneg's operators into the Nodes toolbar; nothing is imported before a click."""

import nuke

_menu = nuke.menu("Nodes").addMenu("Interneg")
for _operator, _label in (("clean", "Clean"), ("reframe", "Reframe"), ("relight", "Relight")):
    _menu.addCommand(_label, f"import interneg_nuke.buttons; interneg_nuke.buttons.create('{_operator}')")
