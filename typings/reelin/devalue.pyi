from core.devalue import *
