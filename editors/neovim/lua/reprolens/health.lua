local M = {}

function M.check()
  local health = vim.health
  health.start('reprolens')
  if vim.fn.has('nvim-0.10') == 1 then
    health.ok('Neovim ' .. tostring(vim.version()))
  else
    health.error('Neovim 0.10 or newer is needed')
  end
  local config = require('reprolens.config')
  local program = config.get().cmd[1]
  if vim.fn.executable(program) == 1 then
    health.ok('the server is ' .. vim.fn.exepath(program))
    local version = vim.trim(vim.fn.system({ program, '--version' }))
    if version == 'reprolens ' .. config.version then
      health.ok('it says: ' .. version)
    else
      health.warn(('it says: %s; this plugin belongs to reprolens %s'):format(version, config.version),
        { 'build the server and take the plugin from the same sources: cargo install --path server/reprolens' })
    end
  else
    health.error(program .. ' is not found', { 'put it on your PATH, or set vim.g.reprolens = { cmd = { "/path/to/reprolens", "server" } }' })
  end
  if vim.filetype.match({ filename = 'x.log' }) == 'log' then
    health.ok('*.log has the filetype log')
  else
    health.error('*.log has no filetype, so no server attaches to logs', { 'source ftdetect/reprolens.lua of the plugin' })
  end
  local clients = vim.lsp.get_clients({ name = 'reprolens' })
  health.info(#clients == 0 and 'no server runs yet: open a log' or ('servers that run: ' .. #clients))
end

return M
