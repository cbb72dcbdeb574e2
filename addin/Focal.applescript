-- Focal for Excel on the Mac.  Excel's sandbox does not let Excel start Python; a script in this folder may.
-- focal install writes it here with the two properties filled in; run that again after moving Python.

property focalPython : "@python@"
property focalVersion : "@version@"

-- Starts a command of the ribbon and returns at once: Python drives Excel from outside, so Excel must be free to answer.
-- Returns an empty text, or what went wrong.
on FocalRun(parameter)
	try
		do shell script quoted form of focalPython & " -B -P -m pyfuncs.hosts.excel.commands " & quoted form of parameter & " < /dev/null >> \"$HOME/Library/Logs/Focal.log\" 2>&1 &"
		return ""
	on error message
		return "Focal could not start Python: " & message & " Open Terminal and run: focal doctor"
	end try
end FocalRun
