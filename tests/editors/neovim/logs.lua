local here = vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2))
local d = dofile(here .. '/driver.lua')

d.main(function()
  local workspace = assert(os.getenv('WORKSPACE'))
  local shown = 0

  -- Lenses and diagnostics of a log, drawn.
  local log = d.edit(workspace .. '/build.log')
  d.equal('log', vim.bo[log].filetype, 'filetype')
  local lens = d.wait_lens(log, 'Open failing line')
  d.wait_lens(log, 'Generate minimal repro')
  d.wait_diagnostic(log, 'assert 7 == 12')
  vim.api.nvim_win_set_cursor(0, { lens.range.start.line + 1, 0 })
  d.wait('the lens on the screen', function()
    return d.screen():find('Generate minimal repro', 1, true)
  end)

  -- A lens that is run: the failing line opens.
  d.run_lens(lens)
  d.wait('the failing line', function()
    return vim.api.nvim_buf_get_name(0):find('tests/test_area.py', 1, true) and vim.api.nvim_win_get_cursor(0)[1] == 8
  end)

  -- The quickfix list of failures.
  vim.cmd.buffer(log)
  vim.cmd('Reprolens failures')
  d.wait('the quickfix list', function() return #vim.fn.getqflist() == 1 end)
  d.equal(true, vim.fn.getqflist()[1].text:find('assert 7 == 12', 1, true) ~= nil, 'quickfix')
  vim.cmd.cclose()

  -- The environment as a page.
  vim.cmd.buffer(log)
  vim.cmd('Reprolens env')
  d.wait('the environment', function() return d.text(0):find('# Environment of', 1, true) and d.text(0):find('ARCH_NAME', 1, true) end)
  vim.cmd.close()

  -- A finding of a repro folder, and its quick fix.
  local script = d.edit(workspace .. '/.github/scripts/reproduce-deterministic-failures/area/run_test.sh')
  local finding = d.wait_diagnostic(script, 'RUN003')
  vim.api.nvim_win_set_cursor(0, { finding.lnum + 1, finding.col })
  vim.cmd('Reprolens fix')
  d.wait('the shebang', function() return d.text(script):find('#!', 1, true) == 1 end)
  d.wait('the finding gone', function()
    for _, found in ipairs(vim.diagnostic.get(script)) do
      if found.code == 'RUN003' then return false end
    end
    return true
  end)
  d.wait_lens(script, 'Verify (never run)')

  -- Health says that all is there.
  vim.cmd('checkhealth reprolens')
  local health = d.text(0)
  d.equal(nil, health:find('ERROR', 1, true), 'health:\n' .. health)
end)
